using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Warden.Spec.Cli;

/// <summary>
/// Standard output or standard error as bytes. The console's own streams take no notice of a reader that has gone, and a program that
/// prints for ever would go on for nobody; here it is an <see cref="IOException"/>. Positions are the kernel's, as others write to the same file.
/// </summary>
internal sealed partial class StandardStream : Stream
{
    private const int EINTR = 4;

    // EAGAIN of Linux, of macOS and FreeBSD: somebody has made the terminal or pipe non-blocking.
    private static readonly int TryAgain = OperatingSystem.IsLinux() || OperatingSystem.IsAndroid() ? 11 : 35;

    private readonly int _descriptor;

    private StandardStream(int descriptor) => _descriptor = descriptor;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Standard output.</summary>
    public static Stream Output() => OperatingSystem.IsWindows() ? Console.OpenStandardOutput() : new StandardStream(1);

    /// <summary>Standard error.</summary>
    public static Stream Error() => OperatingSystem.IsWindows() ? Console.OpenStandardError() : new StandardStream(2);

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var written = WriteDescriptor(_descriptor, buffer, buffer.Length);
            if (written >= 0)
            {
                buffer = buffer[(int)written..];
                continue;
            }

            var error = Marshal.GetLastPInvokeError();
            if (error == TryAgain)
            {
                // The console waits until it can be written to.
                using var console = _descriptor == 1 ? Console.OpenStandardOutput() : Console.OpenStandardError();
                console.Write(buffer);
                return;
            }

            if (error != EINTR)
            {
                throw new IOException($"Cannot write what the script prints: {new Win32Exception(error).Message}");
            }
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteDescriptor(int descriptor, ReadOnlySpan<byte> buffer, nint count);
}
