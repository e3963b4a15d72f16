using ContributionIngest.Functions.Hosts;
using Xunit;

namespace ContributionIngest.Tests.Hosts;

public sealed class DefinitionTests : IDisposable
{
    private const string Host = """{"version":"2.0","functionTimeout":"00:10:00"}""";
    private const string Tick = """{"bindings":[{"type":"timerTrigger","name":"t","schedule":"0 0 * * * *"}]}""";

    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_files_beside_the_program_are_sound()
    {
        var definitions = FunctionDefinitions.Read();
        Assert.Equal(16, definitions.Host.Queues.BatchSize + definitions.Host.Queues.NewBatchThreshold);
        Assert.Equal("", definitions.Host.RoutePrefix);
        Assert.Contains(definitions.All, f => f is { Name: "Plan", Timer.Text: "0 * * * * *" });
        Assert.Contains(definitions.All, f => f is { Name: "RunHarvest", Queue.Queue: "harvest" });
        Assert.Contains(definitions.All, f => f is { Name: "RecordPoison", Queue: { Queue: "harvest-poison", IsPoison: true } });
    }

    [Fact]
    public void What_the_host_takes_for_granted_is_granted_here_too()
    {
        Write("host.json", Host);
        Write("Tick/function.json", Tick);
        var host = FunctionDefinitions.Read(folder).Host;
        Assert.Equal(new QueueRules(16, 8, 5, TimeSpan.Zero, TimeSpan.FromMinutes(1)), host.Queues);
        Assert.Equal("api", host.RoutePrefix);
        Assert.Equal(TimeSpan.FromSeconds(570), host.Deadline);
    }

    [Theory]
    [InlineData("Tick", """{"bindings":[{"type":"timerTrigger","schedule":"0 * * * *"}]}""", "schedule is '0 * * * *', allowed are six fields")]
    [InlineData("Tick", """{"bindings":[{"type":"timerTrigger","schedule":"%EVERY%"}]}""", "schedule is '%EVERY%'")]
    [InlineData("Work", """{"bindings":[{"type":"queueTrigger","queueName":"Harvest"}]}""", "queueName is 'Harvest', allowed are")]
    [InlineData("Work", """{"bindings":[{"type":"queueTrigger","queueName":"a"},{"type":"queue"}]}""", "bindings are 'queueTrigger + queue'")]
    [InlineData("Site", """{"bindings":[{"type":"httpTrigger","route":"a"}]}""", "bindings are 'httpTrigger', allowed")]
    [InlineData("Site", """{"bindings":[{"type":"httpTrigger","authLevel":"all"},{"type":"http"}]}""", "authLevel is 'all', allowed are")]
    [InlineData("Tick", """{"bindings":[]""", "is not JSON")]
    [InlineData("Tick", "{}", "bindings are ''")]
    [InlineData("host", Tick, "'host' is no function name")]
    [InlineData("1st", Tick, "'1st' is no function name")]
    public void A_fault_in_a_function_file_is_named(string name, string content, string message)
    {
        Write("host.json", Host);
        Write($"{name}/function.json", content);
        var fault = Assert.Single(Assert.Throws<StartException>(() => FunctionDefinitions.Read(folder)).Faults);
        Assert.StartsWith($"{name}/function.json", fault, StringComparison.Ordinal);
        Assert.Contains(message, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void All_faults_of_the_host_file_are_named_at_once()
    {
        Write("host.json", """{"version":"1","extensions":{"queues":{"batchSize":33,"maxDequeueCount":9,"visibilityTimeout":"soon","messageEncoding":"none"}}}""");
        Write("Tick/function.json", Tick);
        var faults = Assert.Throws<StartException>(() => FunctionDefinitions.Read(folder)).Faults;
        foreach (var name in (string[])["version", "batchSize", "maxDequeueCount", "visibilityTimeout", "messageEncoding", "functionTimeout"])
            Assert.Single(faults, fault => fault.StartsWith("host.json: ", StringComparison.Ordinal) && fault.Contains(name, StringComparison.Ordinal));
        Assert.Equal(6, faults.Count);
    }

    [Fact]
    public void A_folder_without_host_file_or_functions_is_refused()
    {
        Assert.Contains("host.json is missing", Assert.Throws<StartException>(() => FunctionDefinitions.Read(folder)).Message, StringComparison.Ordinal);
        Write("host.json", Host);
        Assert.Contains("no function folder", Assert.Throws<StartException>(() => FunctionDefinitions.Read(folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Code_without_folder_and_folder_without_code_are_both_named()
    {
        Write("host.json", Host);
        Write("Tick/function.json", Tick);
        Write("Site/function.json", """{"bindings":[{"type":"httpTrigger","route":"a"},{"type":"http"}]}""");
        var table = new FunctionTable(new Dictionary<string, Function>(StringComparer.Ordinal) { ["tick"] = (_, _) => Task.CompletedTask });
        var faults = Assert.Throws<StartException>(() => table.Check(FunctionDefinitions.Read(folder))).Faults;
        Assert.Equal(2, faults.Count);
        Assert.Contains("'Tick' has no code", faults[0], StringComparison.Ordinal);
        Assert.Contains("'tick' has code but no folder", faults[1], StringComparison.Ordinal);
    }

    private void Write(string file, string content)
    {
        var path = Path.Combine(folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
    }
}
