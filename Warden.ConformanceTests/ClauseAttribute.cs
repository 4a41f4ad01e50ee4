namespace Warden.ConformanceTests;

/// <summary>The clause that a test proves.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class ClauseAttribute(string id) : Attribute
{
    public string Id { get; } = id;
}
