namespace Warden.Emulator.Machine;

// What /proc needs.
public sealed partial class Process
{
    private int _listingDescriptor = -1;

    internal uint IgnoredSignals => _ignoredSignals;

    internal uint HandledSignals => _handledSignals;

    /// <summary>
    /// The descriptors that a reader of /proc/PID/fd sees. Reading the own ones by path takes a descriptor for the directory, which shows
    /// among them and stays until the next one is opened.
    /// </summary>
    internal IEnumerable<int> DescriptorsFor(Process reader)
    {
        var open = _descriptors.Open;
        if (reader != this || _descriptors.Open.Any(fd => _descriptors.Find(fd) is FileSystem.OpenDirectory { IsDescriptors: true }))
        {
            return open;
        }

        _listingDescriptor = _descriptors.LowestFree(0);
        return open.Append(_listingDescriptor).Order();
    }

    /// <summary>Whether a descriptor stands for the directory of the descriptors, which was read by path.</summary>
    internal bool IsListingDescriptor(int fd) => fd == _listingDescriptor;
}
