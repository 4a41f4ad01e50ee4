namespace Warden.Linux.Cgroups;

/// <summary>The groups beneath a group, such as those that a nested server made.</summary>
internal static class CgroupTree
{
    /// <summary>The group itself and all beneath it, each before its children; none when it is gone.</summary>
    public static List<string> Beneath(string group)
    {
        var result = new List<string>();
        if (Directory.Exists(group))
        {
            result.Add(group);
        }

        for (var index = 0; index < result.Count; index++)
        {
            try
            {
                result.AddRange(Directory.GetDirectories(result[index]));
            }
            catch (DirectoryNotFoundException)
            {
                // It has gone since.
            }
        }

        return result;
    }
}
