using System.Runtime.Versioning;
using System.Text.Json;
using Warden.Linux.Doctor;
using Warden.Linux.Interop;
using Warden.Spec;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Doctor;

[SupportedOSPlatform("linux")]
public class HostReportTests
{
    [Fact]
    public void The_first_needed_thing_that_lacks_is_the_obstacle_with_its_mend()
    {
        var report = Report(
            Check("swap", needed: false, () => Finding.Lack("not accounted")),
            Check("memory", needed: true, () => Finding.Lack("it is switched off", "boot with cgroup_enable=memory")),
            Check("cpu", needed: true, () => Finding.Lack("gone")));

        Assert.False(report.CanServe);
        Assert.Equal("memory: it is switched off; boot with cgroup_enable=memory", report.Obstacle);
    }

    [Fact]
    public void What_is_not_needed_keeps_no_server_from_starting()
    {
        var report = Report(
            Check("swap", needed: false, () => Finding.Lack("not accounted")),
            Check("hooks", needed: true, () => Finding.NotNeeded("none are configured")),
            Check("veth", needed: true, () => Finding.Have("tried")));

        Assert.True(report.CanServe);
        Assert.Null(report.Obstacle);
    }

    [Fact]
    public void What_a_look_fails_with_is_why_the_feature_is_lacking()
    {
        var report = Report(
            Check("a", needed: true, () => throw new LinuxException("add the interface", "w-0", Errno.EOPNOTSUPP)),
            Check("b", needed: true, () => throw new WardenException("Cannot read /x.")),
            Check("c", needed: true, () => throw new UnauthorizedAccessException("denied")));

        Assert.Equal(
            [$"Cannot add the interface w-0: {LinuxException.Describe(Errno.EOPNOTSUPP)}", "Cannot read /x", "denied"],
            report.Features.Select(feature => feature.Text));
        Assert.All(report.Features, feature => Assert.Equal(FeatureState.Lack, feature.State));
    }

    [Fact]
    public void The_table_has_a_row_a_feature_and_of_what_lacks_what_then_and_the_mend()
    {
        var report = Report(
            Check("veth", needed: true, () => Finding.Have("tried")),
            Check("hooks", needed: false, () => Finding.NotNeeded("none are configured")),
            Check("tbf", needed: false, () => Finding.Lack("no such queue")));

        Assert.Equal(
            [
                "area",
                "  have        veth   tried",
                "  not needed  hooks  none are configured",
                "  lack        tbf    no such queue",
                "                     then: something is refused",
                "                     mend: get it",
                "",
                "A server can start here, without what is lacking (1).",
                "",
            ],
            ReportText.Write(report).Split('\n'));
    }

    [Fact]
    public void The_table_ends_with_the_obstacle() =>
        Assert.EndsWith(
            "\n  LACK        veth  gone\n                    then: something is refused\n                    mend: get it\n\nA server cannot start here. Veth: gone; get it\n",
            ReportText.Write(Report(Check("veth", needed: true, () => Finding.Lack("gone")))),
            StringComparison.Ordinal);

    [Fact]
    public void The_json_says_the_same()
    {
        var report = Report(Check("veth", needed: true, () => Finding.Have("tried")), Check("tbf", needed: false, () => Finding.Lack("no such queue")));

        var json = JsonDocument.Parse(ReportJson.Write(report)).RootElement;

        Assert.True(json.GetProperty("can_serve").GetBoolean());
        Assert.Equal(JsonValueKind.Null, json.GetProperty("obstacle").ValueKind);
        var (veth, tbf) = (json.GetProperty("features")[0], json.GetProperty("features")[1]);
        Assert.Equal(("area", "veth", "have", "tried"), (Text(veth, "area"), Text(veth, "name"), Text(veth, "state"), Text(veth, "finding")));
        Assert.True(veth.GetProperty("needed").GetBoolean());
        Assert.False(veth.TryGetProperty("mend", out _));
        Assert.Equal(("lack", "something is refused", "get it"), (Text(tbf, "state"), Text(tbf, "without"), Text(tbf, "mend")));

        static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
    }

    private static HostCheck Check(string name, bool needed, Func<Finding> look) => new("area", name, needed, "something is refused", "get it", look);

    private static HostReport Report(params HostCheck[] checks) => HostInspection.Run(checks);
}
