using Google.Protobuf;
using Warden.ConformanceTests.Units.Client;
using Warden.Spec.Protocol;

namespace Warden.ConformanceTests.Units.Cli;

/// <summary>An answer for every command, made from the request where it shows that the request arrived as meant.</summary>
internal static class FakeAnswers
{
    internal static async Task AnswerAsync(FakeRequest request)
    {
        switch (request.Message)
        {
            case StreamRequest:
                await request.AnswerAsync(new StreamResponse { Name = "stdout", Data = Text("out") });
                await request.AnswerAsync(new StreamResponse { Name = "stderr", Data = Text("err and more") });
                await request.AnswerAsync(new StreamResponse { ExitStatus = 3, Info = new InfoResponse() });
                break;
            case DestroyRequest destroy when destroy.Handle.ToStringUtf8() == "nope":
                await request.ErrorAsync("unknown handle");
                break;
            default:
                await request.AnswerAsync(Answer(request.Message));
                break;
        }
    }

    private static IMessage Answer(IMessage request) => request switch
    {
        PingRequest => new PingResponse(),
        CreateRequest create => new CreateResponse { Handle = Text(Describe(create)) },
        StopRequest => new StopResponse(),
        DestroyRequest => new DestroyResponse(),
        InfoRequest => new InfoResponse
        {
            State = "active",
            Events = { "out of memory" },
            CpuStat = new InfoResponse.Types.CpuStat { Usage = 5 },
            JobIds = { 1, 2 },
        },
        SpawnRequest => new SpawnResponse { JobId = 7 },
        LinkRequest => new LinkResponse { ExitStatus = 3, Stdout = Text("out"), Stderr = Text("err") },
        RunRequest => new RunResponse { ExitStatus = 3, Stdout = Text("out"), Stderr = Text("err") },
        NetInRequest => new NetInResponse { HostPort = 61001, ContainerPort = 61001 },
        NetOutRequest => new NetOutResponse(),
        CopyInRequest => new CopyInResponse(),
        CopyOutRequest => new CopyOutResponse(),
        LimitMemoryRequest memory => new LimitMemoryResponse { LimitInBytes = memory.LimitInBytes },
        LimitDiskRequest disk => new LimitDiskResponse { ByteHard = disk.Byte },
        LimitBandwidthRequest bandwidth => new LimitBandwidthResponse { Rate = bandwidth.Rate, Burst = bandwidth.Burst },
        LimitCpuRequest cpu => new LimitCpuResponse { LimitInShares = cpu.LimitInShares },
        ListRequest => new ListResponse { Handles = { Text("h1"), Text("h2") } },
        EchoRequest echo => new EchoResponse { Message = echo.Message },
        _ => throw new InvalidOperationException($"no answer for {request.Descriptor.Name}"),
    };

    private static string Describe(CreateRequest create)
    {
        string mounts = string.Concat(create.BindMounts.Select(static mount =>
            $" {mount.SrcPath.ToStringUtf8()} {mount.DstPath.ToStringUtf8()} {mount.Mode.ToString().ToUpperInvariant()}"));
        return $"made {create.BindMounts.Count}{mounts} {create.GraceTime}";
    }

    private static ByteString Text(string text) => ByteString.CopyFromUtf8(text);
}
