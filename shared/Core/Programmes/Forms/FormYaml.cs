using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ContributionIngest.Core.Programmes.Forms;

/// <summary>Writes a document as YAML. Texts that could be read as something else, such as <c>no</c> or <c>2026</c>, are quoted by the library or here.</summary>
internal static class FormYaml
{
    public static void Write(TextWriter output, JsonNode document)
    {
        var emitter = new Emitter(output, new EmitterSettings().WithMaxSimpleKeyLength(128).WithBestWidth(int.MaxValue).WithNewLine("\n").WithIndentedSequences());
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        Write(emitter, document);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
    }

    private static void Write(Emitter emitter, JsonNode node)
    {
        switch (node)
        {
            case JsonArray items:
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, items.Count == 0 ? SequenceStyle.Flow : SequenceStyle.Block));
                foreach (var item in items)
                    Write(emitter, item!);
                emitter.Emit(new SequenceEnd());
                break;
            case JsonObject properties:
                emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, MappingStyle.Block));
                foreach (var (name, value) in properties)
                {
                    emitter.Emit(new Scalar(name));
                    Write(emitter, value!);
                }

                emitter.Emit(new MappingEnd());
                break;
            default:
                var isText = node.GetValueKind() == JsonValueKind.String;
                emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, isText ? node.GetValue<string>() : node.ToJsonString(), isText ? ScalarStyle.DoubleQuoted : ScalarStyle.Plain, isPlainImplicit: !isText, isQuotedImplicit: isText));
                break;
        }
    }
}
