namespace Warden.Linux.Filesystem;

/// <summary>Whose disk use is limited: a container, and the user that it has of the pool.</summary>
/// <param name="ContainerId">The container.</param>
/// <param name="UserId">The id of its unprivileged user.</param>
internal readonly record struct DiskUser(string ContainerId, uint UserId);
