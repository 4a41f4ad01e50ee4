namespace Warden.ConformanceTests.Targets;

/// <summary>The Linux server's executable, on hosts made for the tests. It is judged where WARDEN_TARGETS contains <c>linux</c>, by root.</summary>
public sealed class LinuxTarget : LinuxServerTarget
{
    private LinuxTarget()
        : base(LinuxSite.Here)
    {
    }

    public static LinuxTarget Instance { get; } = new();

    public override string Name => "Linux";

    public override string? Unavailable => LinuxEnvironment.Missing;

    public override string RootfsPath => LinuxEnvironment.Rootfs;
}
