using ContributionIngest.Functions.Commands;

return await Cli.Run(args);
