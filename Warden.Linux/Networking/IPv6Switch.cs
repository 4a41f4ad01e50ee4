using Microsoft.Win32.SafeHandles;
using Warden.Linux.Filesystem.Interop;
using Warden.Linux.Interop;

namespace Warden.Linux.Networking;

/// <summary>
/// Turns IPv6 off on interfaces of the network namespace of the thread that made it (Documentation/networking/ip-sysctl.rst, disable_ipv6).
/// The firewall knows version 4 alone. An interface without an address of version 6 still takes its packets: a container that may send raw
/// ones would reach the host's own addresses, be forwarded where the host forwards, and as a router make itself the host's way out.
/// </summary>
internal sealed class IPv6Switch : IDisposable
{
    private const string SettingsPath = "/proc/sys/net/ipv6/conf";

    // Its names stay those of the namespace in which it was opened.
    private readonly SafeFileHandle? _settings = DirectoryHandle.Open(SettingsPath);

    /// <summary>Turns it off; nothing happens where the kernel, or the interface, has none.</summary>
    /// <exception cref="LinuxException">The kernel refuses, and it is on.</exception>
    public void TurnOff(string name)
    {
        if (_settings is null)
        {
            return;
        }
        var errno = FileAt.Open(_settings, $"{name}/disable_ipv6", OpenFlag.WriteOnly, 0, out var file);
        using (file)
        {
            if (errno == 0)
            {
                errno = FileAt.Write(file, "1"u8);
            }
        }
        if (errno is not (0 or Errno.ENOENT) && !IsOff(name))
        {
            throw new LinuxException("turn off IPv6 on the interface", name, errno);
        }
    }

    public void Dispose() => _settings?.Dispose();

    private bool IsOff(string name)
    {
        Span<byte> value = stackalloc byte[1];
        var errno = FileAt.Open(_settings!, $"{name}/disable_ipv6", OpenFlag.ReadOnly, 0, out var file);
        using (file)
        {
            return errno == 0 && FileAt.Read(file, value) == 1 && value[0] == (byte)'1';
        }
    }
}
