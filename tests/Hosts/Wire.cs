using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace ContributionIngest.Tests.Hosts;

/// <summary>Sends recorded requests byte by byte, as no client library would, and reads the answer as it stands on the wire.</summary>
internal static class Wire
{
    /// <param name="change">Edits the recorded head, for instance to add a header.</param>
    /// <param name="recorded">A file of the folder Recorded, without its extension, or a whole request.</param>
    public static async Task<Answer> Send(int port, string recorded, Func<string, string>? change = null)
    {
        var text = recorded.Contains('\n', StringComparison.Ordinal)
            ? recorded
            : await File.ReadAllTextAsync(Path.Combine(Repository.Root, "tests", "Hosts", "Recorded", recorded + ".http"));
        var end = text.IndexOf("\n\n", StringComparison.Ordinal);
        var head = text[..end].Replace("PORT", port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal) + "\nConnection: close";
        head = change?.Invoke(head) ?? head;
        using var socket = new TcpClient();
        await socket.ConnectAsync("127.0.0.1", port);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head.Replace("\n", "\r\n", StringComparison.Ordinal) + "\r\n\r\n"));
        foreach (var part in Encoding.UTF8.GetBytes(text[(end + 2)..]).Chunk(100))
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"{part.Length:x}\r\n"));
            await stream.WriteAsync(part);
            await stream.WriteAsync("\r\n"u8.ToArray());
        }

        if (head.Contains("chunked", StringComparison.Ordinal))
            await stream.WriteAsync("0\r\n\r\n"u8.ToArray());
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return Answer.Parse(await reader.ReadToEndAsync());
    }
}

internal sealed record Answer(int Status, IReadOnlyList<string> Headers, string Body)
{
    public static Answer Parse(string text)
    {
        var parts = text.Split("\r\n\r\n", 2);
        var lines = parts[0].Split("\r\n");
        return new Answer(int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture), lines[1..], parts[1]);
    }

    /// <summary>The host never completes a call whose answer is not this.</summary>
    public bool IsObject => Body == "{}" && Headers.Contains("Content-Type: application/json; charset=utf-8") && Headers.Contains("Content-Length: 2");
}
