using System.Runtime.InteropServices;
using Warden.Spec.Backend;

namespace Warden.Linux.Interop;

/// <summary>A system call that the kernel refused: what was being done, on which path, and why.</summary>
public sealed class LinuxException : IOException, IHostFailure
{
    /// <summary>Creates the exception.</summary>
    /// <param name="operation">What was being done, as in "mount the union".</param>
    /// <param name="path">What it was about; null for nothing in particular.</param>
    /// <param name="errno">The error's number (errno(3)).</param>
    public LinuxException(string operation, string? path, int errno)
        : base($"Cannot {operation}{(path is null ? "" : $" {path}")}: {Describe(errno)}")
    {
        Operation = operation;
        Path = path;
        Errno = errno;
    }

    /// <summary>What was being done.</summary>
    public string Operation { get; }

    /// <summary>What it was about, or null.</summary>
    public string? Path { get; }

    /// <summary>The error's number.</summary>
    public int Errno { get; }

    /// <summary>The exception of the system call that this thread made last; call it at once after one that failed.</summary>
    public static LinuxException Last(string operation, string? path = null) => new(operation, path, Marshal.GetLastPInvokeError());

    /// <summary>The error's text as strerror(3) has it.</summary>
    public static string Describe(int errno) => Marshal.GetPInvokeErrorMessage(errno);
}
