namespace Warden.Emulator.Programs.Text;

/// <summary>A regular expression that is none; the text is that of regerror(3).</summary>
internal sealed class PosixRegexException(string message) : Exception(message);
