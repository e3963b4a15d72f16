// Loaded into the emulator before it starts: its clock runs ahead by as many milliseconds as lines on standard input ask for.
const RealDate = Date;
let ahead = 0;

globalThis.Date = class Date extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(RealDate.now() + ahead);
    else super(...given);
  }

  static now() {
    return RealDate.now() + ahead;
  }
};

require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  ahead += Number(line);
  console.log(`ahead ${ahead}`);
}).on("close", () => process.exit(0));
