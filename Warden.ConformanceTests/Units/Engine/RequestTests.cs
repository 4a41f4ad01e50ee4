using System.Net;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Warden.Spec;
using Warden.Spec.Backend;
using Warden.Spec.Commands;
using Warden.Spec.Containers;
using Warden.Spec.Protocol;
using Warden.Spec.Server.Configuration;
using Xunit;

namespace Warden.ConformanceTests.Units.Engine;

public sealed class RequestTests
{
    public static TheoryData<string> Commands => [.. CommandCatalogue.Rows.Select(row => row.Name)];

    [Theory]
    [MemberData(nameof(Commands))]
    public void Every_required_field_is_missed(string name)
    {
        var row = CommandCatalogue.Find(name)!;
        Assert.Same(row, CommandCatalogue.Find((int)row.Type));
        Assert.Equal(row.Scope == CommandScope.Container, row.Request.FindFieldByName("handle") is { IsRequired: true });
        var required = row.Request.Fields.InDeclarationOrder().Where(field => field.IsRequired).ToList();
        foreach (var missing in required)
        {
            var request = row.RequestParser.ParseFrom([]);
            foreach (var field in required.Where(field => field != missing))
            {
                field.Accessor.SetValue(request, field.FieldType == FieldType.Bytes ? ByteString.Empty : 0u);
            }

            Assert.Equal(missing.Name, row.MissingField(request));
            missing.Accessor.SetValue(request, missing.FieldType == FieldType.Bytes ? ByteString.Empty : 0u);
            Assert.Null(row.MissingField(request));
        }

        Assert.All(row.SecretFields, field => Assert.NotNull(row.Request.FindFieldByName(field)));
    }

    [Fact]
    public void Required_fields_of_bind_mounts_are_missed_too()
    {
        var row = CommandCatalogue.Find("create")!;
        var request = new CreateRequest { BindMounts = { new CreateRequest.Types.BindMount { SrcPath = FakeSession.B("/"), DstPath = FakeSession.B("/") } } };
        Assert.Equal("bind_mounts[0].mode", row.MissingField(request));
        request.BindMounts[0].Mode = (CreateRequest.Types.BindMount.Types.Mode)7;
        Assert.Null(row.MissingField(request));
        Assert.Contains("bind_mounts[0].mode", Assert.Throws<WardenException>(() => row.Check(request)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rule_is_read_and_what_is_none_is_refused()
    {
        await using var harness = await EngineHarness.StartAsync();
        using var session = harness.Open();
        await session.Create("c");
        var handle = FakeSession.B("c");
        const string nothing = "Please specify network, port, and/or port_range.";
        await Refused(new NetOutRequest(), nothing);
        await Refused(new NetOutRequest { Protocol = NetOutRequest.Types.Protocol.Icmp }, nothing);
        await Refused(new NetOutRequest { Protocol = NetOutRequest.Types.Protocol.Icmp, Port = 1 }, nothing);
        await Refused(new NetOutRequest { PortRange = "2002:2000" }, "Port range maximum must be greater than minimum");
        await Refused(new NetOutRequest { PortRange = "2000:2000" }, "Port range maximum must be greater than minimum");
        await Refused(new NetOutRequest { PortRange = "1:70000" }, "port_range must be from 1 to 65535, not 70000");
        await Refused(new NetOutRequest { PortRange = "a:b" }, "port_range: 'a:b' is not LOW:HIGH, PORT, :HIGH or LOW:");
        await Refused(new NetOutRequest { Port = 70000 }, "port must be from 1 to 65535, not 70000");
        await Refused(new NetOutRequest { Network = "4.2.2.2", IcmpType = 256 }, "icmp_type must be from -1 to 255, not 256");
        await Refused(new NetOutRequest { Port = 1, Protocol = (NetOutRequest.Types.Protocol)9 }, "protocol has no value 9");
        foreach (var text in new[] { "not-an-ip", "300.1.1.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.4/33", "1.1.1.9-1.1.1.1", "::1", "1.2.3.4 ", "1.2.3.4/255.0.255.0", "1.2.3.4/255" })
        {
            await Refused(new NetOutRequest { Network = text, Port = 1 }, $"network: '{text}' is no IPv4 address, ADDRESS/PREFIX, ADDRESS/MASK or FIRST-LAST; names are not taken, and a comma separates several networks");
        }

        Assert.Empty(harness.Backend("c").Rules);
        await Opens(new NetOutRequest { Network = "4.2.2.9/24" }, new(Range("4.2.2.0", "4.2.2.255"), null, NetProtocol.Tcp, null, null, false));
        await Opens(
            new NetOutRequest { Network = "1.1.1.1,4.2.2.9/255.255.0.0", PortRange = ":80" },
            new(Range("4.2.0.0", "4.2.255.255"), (0, 80), NetProtocol.Tcp, null, null, false));
        Assert.Equal(new(Range("1.1.1.1", "1.1.1.1"), (0, 80), NetProtocol.Tcp, null, null, false), harness.Backend("c").Rules.SkipLast(1).Last());
        await Opens(new NetOutRequest { PortRange = "80" }, new(null, (80, 80), NetProtocol.Tcp, null, null, false));
        await Opens(new NetOutRequest { PortRange = "80:" }, new(null, (80, 65535), NetProtocol.Tcp, null, null, false));
        await Opens(new NetOutRequest { Port = 99999, PortRange = "80:90", Network = "" }, new(null, (80, 90), NetProtocol.Tcp, null, null, false));
        await Opens(
            new NetOutRequest { Network = "0.0.0.0/0", Protocol = NetOutRequest.Types.Protocol.Icmp, IcmpType = -1, IcmpCode = 0, Port = 7 },
            new(Range("0.0.0.0", "255.255.255.255"), null, NetProtocol.Icmp, null, 0, false));

        async Task Refused(NetOutRequest request, string text)
        {
            request.Handle = handle;
            Assert.Equal(text, await session.Error(request));
        }

        async Task Opens(NetOutRequest request, NetOutRule rule)
        {
            request.Handle = handle;
            await session.Call<NetOutResponse>(request);
            Assert.Equal(rule, harness.Backend("c").Rules.Last());
        }
    }

    [Theory]
    [InlineData("1.2.3.4")]
    [InlineData("1.2.3.0/24")]
    [InlineData("0.0.0.0/0")]
    [InlineData("1.2.3.4-1.2.4.9")]
    public void A_range_reads_what_it_writes(string text)
    {
        Assert.True(AddressRanges.TryParse(text, out var range));
        Assert.Equal(text, AddressRanges.Format(range));
    }

    [Fact]
    public async Task Of_several_names_for_one_disk_limit_the_later_wins()
    {
        await using var harness = await EngineHarness.StartAsync();
        using var session = harness.Open();
        await session.Create("c");
        var request = new LimitDiskRequest { Handle = FakeSession.B("c") };
        Assert.Equal(0ul, (await session.Call<LimitDiskResponse>(request)).ByteHard);
        request.ByteLimit = 1;
        await Hard(1);
        request.Byte = 1025;
        await Hard(2);
        request.ByteHard = 3 * 1024;
        await Hard(3);
        request.BlockLimit = 4;
        await Hard(4);
        request.Block = 5;
        await Hard(5);
        request.BlockHard = 6;
        await Hard(6);
        request.InodeLimit = 7;
        request.Inode = 8;
        request.InodeSoft = 9;
        var limits = await session.Call<LimitDiskResponse>(request);
        Assert.Equal((8ul, 9ul, 6 * 1024ul), (limits.InodeLimit, limits.InodeSoft, limits.ByteLimit));
        Assert.Equal(new DiskLimits(0, 6, 9, 8), harness.Backend("c").Disk);

        async Task Hard(ulong blocks) => Assert.Equal(blocks, (await session.Call<LimitDiskResponse>(request)).BlockHard);
    }

    [Fact]
    public async Task Disk_limits_that_the_backend_lacks_are_kept_or_refused()
    {
        var machine = new FakeMachine
        {
            Capabilities = new BackendCapabilities(new Dictionary<BackendFeature, string> { [BackendFeature.DiskInodes] = "btrfs has none" }),
        };
        await using var harness = await EngineHarness.StartAsync(machine: machine);
        using var session = harness.Open();
        await session.Create("c");
        var request = new LimitDiskRequest { Handle = FakeSession.B("c"), ByteLimit = 1024, InodeLimit = 5 };
        Assert.Equal(5ul, (await session.Call<LimitDiskResponse>(request)).InodeHard);
        Assert.Equal(["inode limit is not enforced"], (await session.Info("c")).Events);
        Assert.Equal(new DiskLimits(0, 1, 0, 0), harness.Backend("c").Disk);
        machine.Capabilities = new BackendCapabilities(new Dictionary<BackendFeature, string> { [BackendFeature.DiskBytes] = "no quota here" });
        Assert.Equal("no quota here", await session.Error(request));
    }

    [Fact]
    public async Task Without_disk_quotas_the_answer_is_empty()
    {
        await using var harness = await EngineHarness.StartAsync(
            new WardenConfiguration { Server = new ServerSection { DiskQuotaEnabled = false } });
        using var session = harness.Open();
        await session.Create("c");
        var request = new LimitDiskRequest { Handle = FakeSession.B("c"), ByteLimit = 1024 };
        Assert.Equal(new LimitDiskResponse(), await session.Call<LimitDiskResponse>(request));
        Assert.Null((await session.Info("c")).DiskStat);
    }

    [Fact]
    public async Task Bandwidth_wants_both_values_or_none()
    {
        await using var harness = await EngineHarness.StartAsync();
        using var session = harness.Open();
        await session.Create("c");
        var request = new LimitBandwidthRequest { Handle = FakeSession.B("c") };
        Assert.Equal(uint.MaxValue, (await session.Call<LimitBandwidthResponse>(request)).Rate);
        request.Rate = 5;
        Assert.Contains("burst", await session.Error(request), StringComparison.Ordinal);
        request.Burst = 0;
        Assert.Contains("burst", await session.Error(request), StringComparison.Ordinal);
        request.Burst = 6;
        await session.Call<LimitBandwidthResponse>(request);
        var stat = (await session.Info("c")).BandwidthStat;
        Assert.Equal((5ul, 6ul, 5ul, 6ul), (stat.InRate, stat.InBurst, stat.OutRate, stat.OutBurst));
    }

    [Fact]
    public async Task Handles_are_any_utf8_and_nothing_else()
    {
        await using var harness = await EngineHarness.StartAsync();
        using var session = harness.Open();
        Assert.Equal("", await session.Create(""));
        Assert.Equal("../\0\n中", await session.Create("../\0\n中"));
        Assert.Equal("handle is not valid UTF-8", await session.Error(new CreateRequest { Handle = ByteString.CopyFrom(0xc3, 0x28) }));
        Assert.Equal("handle is not valid UTF-8", await session.Error(new InfoRequest { Handle = ByteString.CopyFrom(0xff) }));
        Assert.Equal(["", "../\0\n中"], await session.List());
    }

    private static AddressRange Range(string first, string last) => new(IPAddress.Parse(first), IPAddress.Parse(last));
}
