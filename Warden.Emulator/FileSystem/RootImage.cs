using Warden.Emulator.Machine;
using Warden.Emulator.Programs;

namespace Warden.Emulator.FileSystem;

/// <summary>
/// The root file system that containers start from: a small Debian 12 with the programs of a table. It is immutable but for programs
/// that are added, which appear in containers that exist already.
/// </summary>
internal sealed class RootImage
{
    private const int Executable = 0x1ED;

    /// <summary>Makes the image of a table's programs.</summary>
    internal RootImage(ProgramTable programs)
        : this(programs, RootFiles.MakeRoot())
    {
    }

    /// <summary>Makes an image with the programs of a table in a given tree.</summary>
    internal RootImage(ProgramTable programs, ImageDirectory root)
    {
        Programs = programs;
        Root = root;
        programs.Added += AddProgram;
        foreach (var (path, _) in programs.All)
        {
            Place(path, (directory, name, node) => directory.Build(name, node));
        }
    }

    /// <summary>The programs.</summary>
    internal ProgramTable Programs { get; }

    /// <summary>The root directory.</summary>
    internal ImageDirectory Root { get; }

    private void AddProgram(EmulatedProgram program)
    {
        lock (Root)
        {
            foreach (var path in program.Paths)
            {
                Place(path, (directory, name, node) => directory.Add(name, node));
            }
        }
    }

    private void Place(string path, Action<ImageDirectory, string, ImageNode> add)
    {
        var components = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var directory = Root;
        foreach (var component in components.AsSpan(0, components.Length - 1))
        {
            var child = directory.Children.GetValueOrDefault(component);
            if (child is ImageLink link)
            {
                child = directory.Children.GetValueOrDefault(link.Target);
                child ??= Root.Children.GetValueOrDefault(link.Target.Split('/')[0]) is ImageDirectory parent
                    ? parent.Children.GetValueOrDefault(link.Target.Split('/')[^1])
                    : null;
            }

            if (child is not ImageDirectory next)
            {
                next = new ImageDirectory(Executable);
                add(directory, component, next);
            }

            directory = next;
        }

        // A program that replaces another runs by the table: its file stays.
        if (directory.Children.GetValueOrDefault(components[^1]) is null)
        {
            add(directory, components[^1], new ImageFile(Executable, ProgramImage.Content(path)));
        }
    }
}
