using ContributionIngest.Functions.Commands;

return await Cli.RunAsync(args);
