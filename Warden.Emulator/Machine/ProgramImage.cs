using Warden.Emulator.FileSystem;
using Warden.Emulator.Programs;

namespace Warden.Emulator.Machine;

/// <summary>What execve(2) finds at a path: a program, perhaps as the interpreter of a script.</summary>
internal sealed record ProgramImage(EmulatedProgram Program, string Path, string CommandName, IReadOnlyList<string> Arguments)
{
    private const string Magic = "\u007fELF\u0002\u0001\u0001\0\0\0\0\0\0\0\0\0\u0003\0>\0warden-program:";
    private const int HeadLength = 256;
    private const int MaxInterpreters = 5;
    private const int MaxArgumentBytes = 2 << 20;

    /// <summary>The content of the file of a program: a copy of it runs as the original does.</summary>
    internal static byte[] Content(string path) => ByteText.ToBytes(Magic + path + "\n");

    /// <summary>Finds the program of a path.</summary>
    /// <exception cref="ErrnoException">ENOENT, EACCES, ENOEXEC, ELOOP, E2BIG.</exception>
    internal static ProgramImage Load(
        Process process, string path, IReadOnlyList<string> arguments, IReadOnlyList<KeyValuePair<string, string>> environment)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(arguments);
        ArgumentNullException.ThrowIfNull(environment);
        RequireRoom(arguments, environment);
        var commandName = path[(path.LastIndexOf('/') + 1)..];
        var file = path;
        for (var depth = 0; depth < MaxInterpreters; depth++)
        {
            var (head, fullPath) = ReadHead(process, file);
            if (head.StartsWith(Magic, StringComparison.Ordinal))
            {
                var end = head.IndexOf('\n', Magic.Length);
                var program = end < 0 ? null : process.Container.Programs.Find(head[Magic.Length..end]);
                return new ProgramImage(program ?? throw new ErrnoException(Errno.ENOEXEC), fullPath, commandName, arguments);
            }

            if (!head.StartsWith("#!", StringComparison.Ordinal))
            {
                throw new ErrnoException(Errno.ENOEXEC);
            }

            var line = head[2..].Split('\n', 2)[0].Trim(' ', '\t');
            var space = line.IndexOfAny([' ', '\t']);
            var interpreter = space < 0 ? line : line[..space];
            if (interpreter.Length == 0)
            {
                throw new ErrnoException(Errno.ENOEXEC);
            }

            var rest = arguments.Skip(1).Prepend(file);
            arguments = space < 0 ? [interpreter, .. rest] : [interpreter, line[space..].Trim(' ', '\t'), .. rest];
            file = interpreter;
        }

        throw new ErrnoException(Errno.ELOOP);
    }

    private static void RequireRoom(IReadOnlyList<string> arguments, IReadOnlyList<KeyValuePair<string, string>> environment)
    {
        long total = 0;
        foreach (var argument in arguments)
        {
            total += argument.Length + 9;
        }

        foreach (var (name, value) in environment)
        {
            total += name.Length + value.Length + 10;
        }

        if (total > MaxArgumentBytes)
        {
            throw new ErrnoException(Errno.E2BIG);
        }
    }

    private static (string Head, string Path) ReadHead(Process process, string path)
    {
        lock (process.Container.Gate)
        {
            var place = PathWalk.Resolve(process, path, follow: true);
            if (place.Existing is not IProgramFile file)
            {
                throw new ErrnoException(Errno.EACCES);
            }

            Permissions.Require(process, place.Existing, Permissions.Execute);
            Span<byte> head = stackalloc byte[HeadLength];
            return (ByteText.FromBytes(head[..file.ReadHead(head)]), place.Path);
        }
    }
}
