using Warden.Linux.Networking.Interop;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Networking;

/// <summary>Netlink messages byte by byte.</summary>
public sealed class NetlinkBatchTests
{
    [Fact]
    public void MessagesAndAttributesAreAlignedAndNestedOnesHaveTheirLength()
    {
        var batch = new NetlinkBatch();
        batch.Begin(16, NetlinkFlags.Acknowledge, 0x11223344u, "a");
        batch.Put(3, "abcde");
        using (batch.Begin(18))
        {
            batch.Put(1, (byte)7);
            batch.PutBigEndian(2, 0x01020304);
        }
        batch.Begin(17, NetlinkFlags.None, 9u, "b");

        var bytes = batch.Written.ToArray();
        Assert.Equal(52 + 20, bytes.Length);
        Assert.Equal([52, 0, 0, 0, 16, 0, 5, 0], bytes[..8]);
        Assert.Equal([0x44, 0x33, 0x22, 0x11, 10, 0, 3, 0, (byte)'a', (byte)'b', (byte)'c', (byte)'d', (byte)'e', 0, 0, 0], bytes[16..32]);
        Assert.Equal([20, 0, 18, 0x80, 5, 0, 1, 0, 7, 0, 0, 0, 8, 0, 2, 0, 1, 2, 3, 4], bytes[32..52]);
        Assert.Equal([20, 0, 0, 0, 17, 0, 1, 0], bytes[52..60]);
        Assert.Equal([9, 0, 0, 0], bytes[68..]);
        Assert.Equal(BitConverter.ToUInt32(bytes, 8), batch.Entries[0].Sequence);
        Assert.Equal(BitConverter.ToUInt32(bytes, 60), batch.Entries[1].Sequence);
    }

    [Fact]
    public void AttributesAreReadUntilOneIsCutShort()
    {
        byte[] bytes = [5, 0, 1, 0x80, 7, 0, 0, 0, 8, 0, 2, 0, (byte)'a', 0, 0, 0, 200, 0, 3, 0, 1];
        var reader = new NetlinkAttributes(bytes);
        Assert.True(reader.MoveNext());
        Assert.Equal((1, 1), (reader.Type, reader.Value.Length));
        Assert.True(reader.MoveNext());
        Assert.Equal((2, "a"), (reader.Type, reader.Text));
        Assert.False(reader.MoveNext());
        Assert.True(NetlinkAttributes.Find(bytes, 3).IsEmpty);
    }
}
