using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Warden.Spec.Containers;
using Warden.Spec.Protocol;
using Warden.Spec.Server.Configuration;
using Xunit;

namespace Warden.ConformanceTests.Units.Engine;

public sealed class TelemetryTests
{
    [Fact]
    public async Task A_command_is_an_activity_a_measurement_and_a_line_of_log_without_its_script()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        var measured = new ConcurrentQueue<string>();
        var sums = new ConcurrentDictionary<string, long>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, meters))
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            sums.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value);
            if (instrument.Name == "warden.commands")
            {
                measured.Enqueue($"{tags[0].Value} {tags[1].Value}");
            }
        });
        listener.Start();
        var activities = new ConcurrentQueue<Activity>();
        using var watcher = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Warden",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activities.Enqueue,
        };
        ActivitySource.AddActivityListener(watcher);
        using var log = new CollectingLogs();

        var machine = new FakeMachine();
        await using (var engine = new WardenEngine(new WardenConfiguration(), machine, new FakeTimeProvider(), log, meters))
        {
            await engine.StartAsync(CancellationToken.None);
            using var session = new FakeSession(engine.OpenSession());
            await session.Create("measured handle");
            var script = FakeSession.B("print s3cret");
            await session.Call<RunResponse>(new RunRequest { Handle = FakeSession.B("measured handle"), Script = script });
            await session.Error(new RunRequest { Handle = FakeSession.B("nobody's handle"), Script = script });
            Assert.Equal(["create ok", "run ok", "run error"], measured);
            Assert.Equal((1, 0), (sums["warden.containers"], sums["warden.jobs"]));
        }

        // What it leaves behind is its successor's to count.
        Assert.Equal(0, sums["warden.containers"]);
        var ran = Assert.Single(activities, activity => activity.OperationName == "run" && activity.GetTagItem("warden.handle") is "measured handle");
        Assert.Equal(ActivityStatusCode.Unset, ran.Status);
        Assert.Contains(log.Lines, line => line.Contains("measured handle", StringComparison.Ordinal));
        Assert.Contains(log.Lines, line => line.Contains("script: (not logged)", StringComparison.Ordinal));
        Assert.DoesNotContain(log.Lines, line => line.Contains("s3cret", StringComparison.Ordinal));
    }

    private sealed class CollectingLogs : ILoggerFactory, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
