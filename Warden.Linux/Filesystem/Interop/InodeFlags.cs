using Microsoft.Win32.SafeHandles;

namespace Warden.Linux.Filesystem.Interop;

/// <summary>The flags that keep a file from being removed (ioctl_iflags(2)).</summary>
internal static unsafe class InodeFlags
{
    private const nuint GetFlags = 0x80086601;
    private const nuint SetFlags = 0x40086602;
    private const uint Immutable = 0x10;
    private const uint AppendOnly = 0x20;

    /// <summary>Clears them; answers whether any was set and is no longer.</summary>
    public static bool Release(SafeFileHandle file)
    {
        // Declared as long, an int in fact: the other half stays as it is.
        ulong value = 0;
        if (FileAt.Control(file, GetFlags, &value) != 0 || ((uint)value & (Immutable | AppendOnly)) == 0)
        {
            return false;
        }

        var flags = (uint)value & ~(Immutable | AppendOnly);
        return FileAt.Control(file, SetFlags, &flags) == 0;
    }
}
