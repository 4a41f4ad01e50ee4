using System.CommandLine;

namespace Warden.Linux.Commands;

/// <summary>The command line of <c>warden</c>.</summary>
internal static class LinuxCommandLine
{
    /// <summary>Runs the command line and returns the process's exit status.</summary>
    public static Task<int> InvokeAsync(string[] args) =>
        new RootCommand("The Warden server of Linux.").Parse(args).InvokeAsync();
}
