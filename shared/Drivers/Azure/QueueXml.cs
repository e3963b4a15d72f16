using System.Globalization;
using System.Text;
using System.Xml;
using ContributionIngest.Core.Ports;

namespace ContributionIngest.Drivers.Azure;

/// <summary>Messages as the queue service's XML. The text is base64, as the Functions host reads and writes it.</summary>
internal static class QueueXml
{
    public static ReadOnlyMemory<byte> Write(string body) =>
        Encoding.ASCII.GetBytes(
            $"<QueueMessage><MessageText>{Convert.ToBase64String(Encoding.UTF8.GetBytes(body))}</MessageText></QueueMessage>");

    public static List<QueueMessage> Read(ReadOnlyMemory<byte> body)
    {
        using var xml = XmlReader.Create(
            new MemoryStream(body.ToArray()), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, IgnoreWhitespace = true });
        var messages = new List<QueueMessage>();
        string id = "", receipt = "", text = "", attempts = "";
        while (!xml.EOF)
        {
            // Reading an element's content moves on to what follows it by itself.
            switch (xml)
            {
                case { NodeType: XmlNodeType.Element, LocalName: "MessageId" }:
                    id = xml.ReadElementContentAsString();
                    continue;
                case { NodeType: XmlNodeType.Element, LocalName: "PopReceipt" }:
                    receipt = xml.ReadElementContentAsString();
                    continue;
                case { NodeType: XmlNodeType.Element, LocalName: "MessageText" }:
                    text = xml.ReadElementContentAsString();
                    continue;
                case { NodeType: XmlNodeType.Element, LocalName: "DequeueCount" }:
                    attempts = xml.ReadElementContentAsString();
                    continue;
                case { NodeType: XmlNodeType.EndElement, LocalName: "QueueMessage" }:
                    messages.Add(new QueueMessage(id, receipt, Decode(text), int.Parse(attempts, CultureInfo.InvariantCulture)));
                    text = "";
                    break;
            }

            xml.Read();
        }

        return messages;
    }

    // Somebody else may have put plain text in by hand; it is handed on as it is, for the receiver to refuse.
    private static string Decode(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : text;
    }
}
