import { compareWithRust } from "../../support/tokenizer/rustSuite";

compareWithRust("deepseek_v3");
