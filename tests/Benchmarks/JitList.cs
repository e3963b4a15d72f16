using System.Diagnostics.Tracing;
namespace ContributionIngest.Tests.Benchmarks;
sealed class JitList:EventListener{ public bool On; public List<string> Names=new(); protected override void OnEventSourceCreated(EventSource s){ if(s.Name=="Microsoft-Windows-DotNETRuntime") EnableEvents(s,EventLevel.Verbose,(EventKeywords)0x10);} protected override void OnEventWritten(EventWrittenEventArgs e){ if(On&&e.EventName!.StartsWith("MethodLoadVerbose")){ lock(Names) Names.Add($"{e.Payload![5]} {e.Payload[6]} {e.Payload[7]}"); } } }
