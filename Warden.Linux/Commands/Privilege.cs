using Warden.Spec;

namespace Warden.Linux.Commands;

/// <summary>What only root may do.</summary>
internal static class Privilege
{
    /// <summary>Refuses to go on as anybody else.</summary>
    /// <param name="command">The command, as it is typed.</param>
    /// <exception cref="WardenException">This process is not root's.</exception>
    public static void Require(string command)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            throw new WardenException($"only root may do this: sudo {LinuxDefaults.Program} {command}");
        }
    }
}
