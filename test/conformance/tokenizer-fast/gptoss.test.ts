import { compareWithRust } from "../../support/tokenizer/rustSuite";

compareWithRust("gptoss");
