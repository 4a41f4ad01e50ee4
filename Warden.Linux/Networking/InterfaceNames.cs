namespace Warden.Linux.Networking;

/// <summary>What a container's interfaces are called. With an id's 11 characters each name fits into the kernel's 15.</summary>
internal static class InterfaceNames
{
    private const int IdLength = 11;
    private const string Prefix = "w-";

    /// <summary>The host's end of the pair.</summary>
    public static string HostEnd(string id) => $"{Prefix}{id}-0";

    /// <summary>The container's end.</summary>
    public static string ContainerEnd(string id) => $"{Prefix}{id}-1";

    /// <summary>The device whose queue delays what the container sends.</summary>
    public static string Shaper(string id) => $"{Prefix}{id}-2";

    /// <summary>The id in the name of an interface on the host's side; null where the name is not one of ours.</summary>
    public static string? IdOf(string name) =>
        name.Length == Prefix.Length + IdLength + 2 && name.StartsWith(Prefix, StringComparison.Ordinal)
        && name.AsSpan(Prefix.Length + IdLength) is "-0" or "-2"
        && !name.AsSpan(Prefix.Length, IdLength).ContainsAnyExcept("0123456789abcdefghijklmnopqrstuv")
            ? name.Substring(Prefix.Length, IdLength)
            : null;
}
