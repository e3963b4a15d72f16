using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace ContributionIngest.Drivers.Mail;

/// <param name="Text">All lines of it in one, without the code.</param>
internal sealed record SmtpReply(int Code, string Text)
{
    /// <summary>2 for well, 3 for go on, 4 for not now, 5 for never.</summary>
    public int Kind => Code / 100;

    /// <summary>What can be shown: one line of bounded length.</summary>
    public override string ToString()
    {
        const int Longest = 200;
        var clean = string.Concat(Text.Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        return string.Create(CultureInfo.InvariantCulture, $"{Code} {(clean.Length <= Longest ? clean : clean[..Longest] + "…")}").TrimEnd();
    }
}

/// <summary>
/// The wire of RFC 5321: commands out, replies in. What breaks throws <see cref="IOException"/>, <see cref="SocketException"/> or
/// <see cref="System.Security.Authentication.AuthenticationException"/>; a reply of any code is a value.
/// </summary>
internal sealed class SmtpSession : IAsyncDisposable
{
    private const int LongestLine = 4096;
    private const int MostLines = 100;

    private readonly TcpClient connection = new() { NoDelay = true };
    private readonly byte[] buffer = new byte[LongestLine];
    private Stream stream = Stream.Null;
    private int start;
    private int end;

    /// <summary>How this machine names itself: by its address, since it need not have a name anybody knows (RFC 5321, 4.1.4).</summary>
    private string OwnName
    {
        get
        {
            var address = ((IPEndPoint)connection.Client.LocalEndPoint!).Address;
            address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
            return address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[IPv6:{address.ToString().Split('%')[0]}]" : $"[{address}]";
        }
    }

    /// <summary>The server's greeting.</summary>
    public async Task<SmtpReply> Connect(string host, int port, CancellationToken cancel)
    {
        await connection.ConnectAsync(host, port, cancel);
        stream = connection.GetStream();
        return await Read(cancel);
    }

    public Task<SmtpReply> Hello(CancellationToken cancel) => Say($"EHLO {OwnName}", cancel);

    public async Task<SmtpReply> Say(string command, CancellationToken cancel)
    {
        await stream.WriteAsync(Encoding.UTF8.GetBytes(command + "\r\n"), cancel);
        return await Read(cancel);
    }

    /// <summary>The certificate has to be one this machine trusts for that name.</summary>
    public async Task Secure(string host, CancellationToken cancel)
    {
        // What somebody on the way slipped in before the connection was secure must not count after.
        if (start < end)
            throw new IOException("It said more than it was asked before the connection was secure.");
        var secure = new SslStream(stream);
        stream = secure;
        await secure.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = host }, cancel);
    }

    /// <summary>The mail without its end: a server that never sees <see cref="End"/> drops what it got (RFC 5321, 4.1.1.4).</summary>
    public async Task Write(byte[] mail, CancellationToken cancel)
    {
        var stuffed = new List<byte>(mail.Length + 64);
        foreach (var octet in mail)
        {
            if (octet == (byte)'.' && (stuffed.Count == 0 || stuffed[^1] == (byte)'\n'))
                stuffed.Add(octet);
            stuffed.Add(octet);
        }

        await stream.WriteAsync(stuffed.ToArray(), cancel);
        await stream.FlushAsync(cancel);
    }

    /// <summary>From here on the mail may have left.</summary>
    public Task<SmtpReply> End(CancellationToken cancel) => Say(".", cancel);

    /// <summary>Says goodbye and waits for no answer: what there was to know is known.</summary>
    public async Task Quit(CancellationToken cancel)
    {
        try
        {
            await stream.WriteAsync("QUIT\r\n"u8.ToArray(), cancel);
        }
        catch (IOException)
        {
            // The server was faster.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync();
        connection.Dispose();
    }

    private async Task<SmtpReply> Read(CancellationToken cancel)
    {
        var text = new List<string>();
        for (var number = 0; number < MostLines; number++)
        {
            var line = await Line(cancel);
            if (line.Length < 3 || !int.TryParse(line.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var code) || code < 200)
                throw new IOException("It does not speak SMTP.");
            text.Add(line.Length > 4 ? line[4..] : string.Empty);
            if (line.Length == 3 || line[3] != '-')
                return new SmtpReply(code, string.Join('\n', text));
        }

        throw new IOException("It does not come to an end.");
    }

    private async Task<string> Line(CancellationToken cancel)
    {
        while (true)
        {
            var length = buffer.AsSpan(start, end - start).IndexOf((byte)'\n');
            if (length >= 0)
            {
                var line = Encoding.UTF8.GetString(buffer, start, length).TrimEnd('\r');
                start += length + 1;
                return line;
            }

            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
            if (end == buffer.Length)
                throw new IOException("It does not speak SMTP.");
            var read = await stream.ReadAsync(buffer.AsMemory(end), cancel);
            end += read > 0 ? read : throw new IOException("It hung up.");
        }
    }
}
