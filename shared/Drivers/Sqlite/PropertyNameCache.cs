using System.Text;

namespace ContributionIngest.Drivers.Sqlite;

/// <summary>Shares the strings of property names, which every row repeats. Names in the same slot replace each other.</summary>
internal sealed class PropertyNameCache
{
    private readonly string?[] slots = new string?[512];

    public string this[ReadOnlySpan<byte> name]
    {
        get
        {
            var hash = new HashCode();
            hash.AddBytes(name);
            ref var slot = ref slots[(uint)hash.ToHashCode() % (uint)slots.Length];
            var known = slot;
            if (known is null || !Ascii.Equals(name, known))
                slot = known = Encoding.UTF8.GetString(name);
            return known;
        }
    }
}
