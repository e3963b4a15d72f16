namespace ContributionIngest.Core.Sources.Calendars;

/// <summary>Gathers the properties of one VTIMEZONE and its observances.</summary>
internal sealed class ZoneBuilder(RepairTally repairs)
{
    private const int MostObservances = 1_000;

    private readonly List<Observance> _observances = [];
    private readonly List<RecurrenceRule> _rules = [];
    private readonly List<TimeValue> _dates = [];
    private string? _id;
    private TimeValue _start;
    private int? _from;
    private int? _to;

    public void Set(PropertyName name, ref ContentLines line)
    {
        if (name == PropertyName.Other) return;
        line.Load();
        switch (name)
        {
            case PropertyName.ZoneId: _id ??= ContentText.Of(line.Value, repairs); break;
            case PropertyName.Start:
                if (TimeValue.TryParse(line.Value, zone: null, out var start)) _start = start;
                break;
            case PropertyName.OffsetFrom:
                if (TimeValue.TryOffset(line.Value, out var from)) _from = from;
                break;
            case PropertyName.OffsetTo:
                if (TimeValue.TryOffset(line.Value, out var to)) _to = to;
                break;
            case PropertyName.Rule:
                if (_rules.Count < 4 && RecurrenceRule.TryParse(line.Value, out var rule)) _rules.Add(rule);
                else repairs.Add("ruleIgnored");
                break;
            case PropertyName.Dates:
                foreach (var range in line.Value.Split((byte)','))
                    if (_dates.Count < MostObservances && RecurrenceDate.TryParse(line.Value[range], zone: null, out var date)) _dates.Add(date.Start);
                break;
        }
    }

    public void FinishObservance()
    {
        // NodaTime's range of offsets, and more than any clock on earth.
        if (!_start.IsSet || _to is not { } to || Math.Abs(to) > 18 * 3600 || Math.Abs(_from ?? 0) > 18 * 3600 || _observances.Count == MostObservances)
            repairs.Add("badObservance");
        else
            _observances.Add(new Observance(_start.Ticks, (_from ?? to) * TimeSpan.TicksPerSecond, to * TimeSpan.TicksPerSecond, [.. _rules], [.. _dates]));
    }

    /// <summary>Null when the definition says nothing of use.</summary>
    public EmbeddedZone? Build() => _id is null || _observances.Count == 0 ? null : new EmbeddedZone(_id, [.. _observances]);

    public void ClearObservance()
    {
        _start = default;
        _from = _to = null;
        _rules.Clear();
        _dates.Clear();
    }

    public void Clear()
    {
        _id = null;
        _observances.Clear();
        ClearObservance();
    }
}
