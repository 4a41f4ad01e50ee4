using Warden.ConformanceTests.Targets;
using Xunit;

namespace Warden.ConformanceTests.Units.Suite;

/// <summary>A test's configuration gets its host's root filesystem and depot, and keeps its lines.</summary>
public sealed class LinuxConfigurationTextTests
{
    private static readonly string Rootfs = $"container_rootfs_path: \"{LinuxEnvironment.Rootfs}\"";
    private static readonly string Both = $"{Rootfs}, container_depot_path: \"/depot\"";

    [Theory]
    [InlineData("", "server: { * }\n")]
    [InlineData("---\n", "---\nserver: { * }\n")]
    [InlineData("# a comment", "# a comment\nserver: { * }\n")]
    [InlineData("network:\n  mtu: big\n", "network:\n  mtu: big\nserver: { * }\n")]
    [InlineData("server:\nnetwork:\n", "server: { * }\nnetwork:\n")]
    [InlineData("server: { job_output_limit: 0 }", "server: { *, job_output_limit: 0 }")]
    [InlineData("server: {}", "server: { *}")]
    [InlineData("server: text\n", "server: text\n")]
    [InlineData("- a\n- list\n", "- a\n- list\n")]
    [InlineData("server:\n  a: [1, 2\n", "server:\n  a: [1, 2\n")]
    public void WhatIsMissingIsAdded(string text, string expected) =>
        Assert.Equal(expected.Replace("*", Both, StringComparison.Ordinal), LinuxConfigurationText.Complete(text, LinuxEnvironment.Rootfs, "/depot"));

    [Fact]
    public void ASectionsLinesStayWhereTheyAre() => Assert.Equal(
        $"# first\nserver:\n  quota:\n    disk_quota_enabled: 7\n  {Rootfs}\n  container_depot_path: \"/depot\"\nport:\n  pool_size: 1000\n",
        LinuxConfigurationText.Complete("# first\nserver:\n  quota:\n    disk_quota_enabled: 7\nport:\n  pool_size: 1000\n", LinuxEnvironment.Rootfs, "/depot"));

    [Theory]
    [InlineData("", "server: { * }\nuser: { pool_start_uid: 100064 }\n")]
    [InlineData("network:\n  mtu: big\n", "network:\n  mtu: big\nserver: { * }\nuser: { pool_start_uid: 100064 }\n")]
    [InlineData("user: { pool_size: 2 }\n", "user: { pool_size: 2 }\nserver: { * }\n")]
    [InlineData("- a\n- list\n", "- a\n- list\n")]
    public void UserIdsAreAddedWhereTheTestSaysNothingOfUsers(string text, string expected) =>
        Assert.Equal(expected.Replace("*", Both, StringComparison.Ordinal), LinuxConfigurationText.Complete(text, LinuxEnvironment.Rootfs, "/depot", 100064));

    [Fact]
    public void WhatTheTestSaysStands() => Assert.Equal(
        $"server: {{ {Rootfs}, container_depot_path: /own }}",
        LinuxConfigurationText.Complete("server: { container_depot_path: /own }", LinuxEnvironment.Rootfs, "/depot"));
}
