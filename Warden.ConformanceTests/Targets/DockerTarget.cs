namespace Warden.ConformanceTests.Targets;

/// <summary>
/// The published Linux server in a container of Docker: hosts for it are made in the container, and servers run there by exec. It is judged where
/// WARDEN_TARGETS contains <c>docker</c>, by root.
/// </summary>
public sealed class DockerTarget : LinuxServerTarget
{
    private DockerTarget()
        : base(new LinuxSite(DockerMachine.StartAsync))
    {
    }

    public static DockerTarget Instance { get; } = new();

    public override string Name => "Docker";

    public override string? Unavailable => DockerEnvironment.Missing;

    public override string RootfsPath => DockerMachine.RootfsPath;
}
