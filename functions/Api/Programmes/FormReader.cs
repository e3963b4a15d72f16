using ContributionIngest.Core.Contributions.Queries;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Programmes;
using ContributionIngest.Core.Programmes.Forms;
using ContributionIngest.Functions.Api.Ledger;
using ContributionIngest.Functions.Security;

namespace ContributionIngest.Functions.Api.Programmes;

/// <summary>Fills the form of a programme for the caller, with what the address says of the window and of private entries.</summary>
internal sealed class FormReader(Memberships memberships, FormFiller filler, PeopleStore people, TimeProvider clock)
{
    /// <summary>What an address may say of the window.</summary>
    public static readonly DescribedValue[] WindowDescribed =
    [
        new("accepted", typeof(DateOnly), "The day on which you were accepted, for a window that begins with it, instead of the one you have said."),
        new("cohort", typeof(DateOnly), "A day in the month in which your cohort began, likewise."),
        new("deadline", typeof(DateTimeOffset), "Until when applications are taken, for a window that ends with it, likewise."),
        new("handIn", typeof(DateOnly), "The day on which you mean to apply, for a window that ends with it, likewise."),
    ];

    public static readonly DescribedValue[] Described =
    [
        .. WindowDescribed,
        new("private", typeof(string), "Whether private entries are in it.", ["exclude", "include"], "exclude"),
    ];

    /// <returns>Null if a parameter is not valid.</returns>
    public async Task<FilledForm?> ReadAsync(HttpContext context, Programme programme, Parameters parameters)
    {
        var (person, cancel) = (Caller.Of(context).Person, context.RequestAborted);
        var owner = await LedgerParameters.OwnerAsync(people, person, cancel);
        var membership = Over(await memberships.GetAsync(person, programme.Id, cancel) ?? new Membership(), parameters, owner.Zone);
        var includesPrivate = parameters.Choice("private", "exclude", "include") == "include";
        return parameters.IsValid ? await filler.FillAsync(new FormRequest(owner, programme, membership, LedgerParameters.Today(clock, owner.Zone), includesPrivate), cancel) : null;
    }

    /// <summary>What the address says of the window counts for this once.</summary>
    public static Membership Over(Membership said, Parameters parameters, NodaTime.DateTimeZone zone) => said with
    {
        Accepted = parameters.Day("accepted") ?? said.Accepted,
        Cohort = parameters.Day("cohort") ?? said.Cohort,
        Deadline = parameters.Moment("deadline")?.End(zone) ?? said.Deadline,
        HandIn = parameters.Day("handIn") ?? said.HandIn,
    };
}
