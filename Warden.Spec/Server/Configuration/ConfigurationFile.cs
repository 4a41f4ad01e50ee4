namespace Warden.Spec.Server.Configuration;

/// <summary>A configuration as it was read.</summary>
/// <param name="Configuration">The values; what the file does not set has its default.</param>
/// <param name="Warnings">What was accepted and does nothing or may surprise, one line each: <c>FILE:LINE: PATH: …</c>.</param>
/// <param name="Keys">The paths of the keys that the file sets, such as <c>health_check_server.port</c>.</param>
public sealed record ConfigurationFile(WardenConfiguration Configuration, IReadOnlyList<string> Warnings, IReadOnlySet<string> Keys);
