namespace Warden.ConformanceTests.Runner;

/// <summary>The run was asked for in a way that makes no sense, or cannot take place here. Its text is for whoever asked.</summary>
internal sealed class CannotRunException(string message) : Exception(message);
