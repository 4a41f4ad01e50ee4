using Warden.Linux.Filesystem;
using Warden.Spec;

namespace Warden.Linux.Setup;

/// <summary>
/// Makes the root filesystem that containers share. It is built beside its place and renamed into it, so that what is in its place is
/// finished.
/// </summary>
/// <param name="programs">The host's programs.</param>
/// <param name="aptSources">Where the packages come from.</param>
internal sealed class RootfsBuilder(HostPrograms programs, AptSources aptSources)
{
    /// <summary>The file in a root filesystem that was made here; it holds the recipe.</summary>
    public const string Marker = ".warden-rootfs";

    /// <summary>Makes the root filesystem unless it is there.</summary>
    /// <param name="path">Its place.</param>
    /// <param name="recipe">What it is made from.</param>
    /// <param name="cancellationToken">Gives up; the next call begins anew.</param>
    /// <returns>Whether it was made.</returns>
    /// <exception cref="WardenException">It cannot be made, or something else is in its place.</exception>
    public async Task<bool> EnsureAsync(string path, RootfsRecipe recipe, CancellationToken cancellationToken)
    {
        if (IsThere(path, recipe))
        {
            return false;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path) ?? "/");
        using var guard = FileLock.Take(path + ".lock", $"another setup is making {path}");
        if (IsThere(path, recipe))
        {
            return false;
        }

        var half = path + ".new";
        RemoveHalf(half);
        try
        {
            await BuildAsync(half, recipe, cancellationToken).ConfigureAwait(false);
            Finish(half, recipe);
        }
        catch
        {
            RemoveHalf(half);
            throw;
        }

        if (Directory.Exists(path))
        {
            // Empty, as IsThere has seen.
            Directory.Delete(path);
        }

        Directory.Move(half, path);
        return true;
    }

    /// <summary>Removes a root filesystem that was made here.</summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="WardenException">Something is mounted in it.</exception>
    public static bool Remove(string path)
    {
        if (!File.Exists(Path.Combine(path, Marker)))
        {
            return false;
        }

        RemoveHalf(path);
        return true;
    }

    private static bool IsThere(string path, RootfsRecipe recipe)
    {
        if (File.Exists(path))
        {
            throw new WardenException($"{path} is no directory");
        }

        if (!Directory.Exists(path) || !Directory.EnumerateFileSystemEntries(path).Any())
        {
            return false;
        }

        var marker = Path.Combine(path, Marker);
        var made = File.Exists(marker) ? File.ReadAllText(marker).TrimEnd('\n') : null;
        if (made is null && !HasBash(path))
        {
            throw new WardenException($"{path} is neither empty nor a root filesystem with /bin/bash: name another place in server.container_rootfs_path");
        }

        if (!recipe.IsDefault && made != recipe.Description)
        {
            throw new WardenException(
                $"{path} holds another root filesystem already ({made ?? "not made by setup"}): remove it first, with 'warden teardown --rootfs' where setup made it");
        }

        return true;
    }

    private async Task BuildAsync(string target, RootfsRecipe recipe, CancellationToken cancellationToken)
    {
        if (recipe.Source is not { } source)
        {
            await InstallAsync(target, recipe, cancellationToken).ConfigureAwait(false);
        }
        else if (Directory.Exists(source))
        {
            Directory.CreateDirectory(target);
            await programs.RunAsync(
                programs.Require("cp", "coreutils"), ["--archive", "--reflink=auto", source + "/.", target], cancellationToken).ConfigureAwait(false);
        }
        else if (File.Exists(source))
        {
            Directory.CreateDirectory(target);
            await programs.RunAsync(
                programs.Require("tar", "tar"),
                ["--extract", "--file", source, "--directory", target, "--numeric-owner", "--same-permissions"],
                cancellationToken).ConfigureAwait(false);
        }
        else
        {
            throw new WardenException($"--rootfs: there is no {source}");
        }

        if (!HasBash(target))
        {
            throw new WardenException($"{recipe.Source ?? "What was installed"} has no /bin/bash, which every job needs");
        }
    }

    private async Task InstallAsync(string target, RootfsRecipe recipe, CancellationToken cancellationToken)
    {
        var include = "--include=" + string.Join(',', recipe.Packages);
        if (programs.Find("mmdebstrap") is { } mmdebstrap)
        {
            string[] sources = aptSources.File is { } file ? [file] : [];
            await programs.RunAsync(
                mmdebstrap, ["--variant=minbase", include, aptSources.Suite, target, .. sources], cancellationToken).ConfigureAwait(false);
        }
        else if (programs.Find("debootstrap") is { } debootstrap)
        {
            string[] mirror = await aptSources.FindMirrorAsync(programs, cancellationToken).ConfigureAwait(false) is { } found ? [found] : [];
            await programs.RunAsync(
                debootstrap, ["--variant=minbase", include, aptSources.Suite, target, .. mirror], cancellationToken).ConfigureAwait(false);
        }
        else
        {
            throw new WardenException(
                "neither mmdebstrap nor debootstrap is on this host: apt-get install mmdebstrap, or name a tarball or directory with --rootfs");
        }
    }

    private static void Finish(string path, RootfsRecipe recipe)
    {
        // Jobs lack the capabilities that such a file demands, and the kernel would refuse to execute it for them (capabilities(7)): ping,
        // which works without where the kernel lets the group ping.
        FileCapabilities.RemoveAll(path);

        // What a container's user sees as / of the container.
        File.SetUnixFileMode(path, (UnixFileMode)0x1ED);
        File.WriteAllText(Path.Combine(path, Marker), recipe.Description + "\n");
    }

    private static void RemoveHalf(string path)
    {
        if (!Directory.Exists(path))
        {
            return;
        }

        // debootstrap mounts proc there, and leaves it when it is killed.
        if (MountTable.FirstWithin(path) is { } mount)
        {
            throw new WardenException($"something is mounted on {mount}, so {path} is not removed: umount {mount}");
        }

        Directory.Delete(path, recursive: true);
    }

    // Either may be a link that means something else here than in a container, so what counts is that there is an entry.
    private static bool HasBash(string path) => HasEntry(path, "bin/bash") || HasEntry(path, "usr/bin/bash");

    private static bool HasEntry(string path, string name) => new FileInfo(Path.Combine(path, name)) is { Exists: true } or { LinkTarget: not null };
}
