namespace Warden.ConformanceTests.Wire;

/// <summary>What a server sent is not the protocol.</summary>
public sealed class WireFormatException(string message) : Exception(message);
