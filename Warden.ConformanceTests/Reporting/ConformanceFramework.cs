using System.Reflection;
using Xunit.Abstractions;
using Xunit.Sdk;

[assembly: Xunit.TestFramework("Warden.ConformanceTests.Reporting.ConformanceFramework", "Warden.ConformanceTests")]

namespace Warden.ConformanceTests.Reporting;

/// <summary>
/// xunit's own framework, with an ear on what the runner is told: every test's start begins a log of its wire, its end is put down under its
/// clauses and its target, and the end of the run writes the report and ends the shared servers.
/// </summary>
public sealed class ConformanceFramework(IMessageSink messageSink) : XunitTestFramework(messageSink)
{
    protected override ITestFrameworkExecutor CreateExecutor(AssemblyName assemblyName) =>
        new Executor(assemblyName, SourceInformationProvider, DiagnosticMessageSink);

    private sealed class Executor(AssemblyName name, ISourceInformationProvider source, IMessageSink diagnostics)
        : XunitTestFrameworkExecutor(name, source, diagnostics)
    {
        protected override async void RunTestCases(
            IEnumerable<IXunitTestCase> testCases, IMessageSink executionMessageSink, ITestFrameworkExecutionOptions executionOptions)
        {
            DiagnosticMessageSink.OnMessage(new DiagnosticMessage($"WARDEN_SEED={Support.Seed.Value} repeats this run's random data"));
            using var sink = new OutcomeSink(executionMessageSink);
            using var runner = new AssemblyRunner(TestAssembly, testCases, DiagnosticMessageSink, sink, executionOptions);
            try
            {
                await runner.RunAsync();
            }
            catch (OperationCanceledException)
            {
                // The sink wants no more tests: it has been told of the end of the run by now, and nobody awaits this method.
            }
        }
    }

    private sealed class AssemblyRunner(
        ITestAssembly assembly,
        IEnumerable<IXunitTestCase> cases,
        IMessageSink diagnostics,
        IMessageSink sink,
        ITestFrameworkExecutionOptions options)
        : XunitTestAssemblyRunner(assembly, cases, diagnostics, sink, options)
    {
        protected override IMessageBus CreateMessageBus() => new RecordingMessageBus(base.CreateMessageBus());
    }
}
