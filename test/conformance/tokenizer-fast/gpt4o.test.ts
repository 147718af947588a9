import { compareWithRust } from "../../support/tokenizer/rustSuite";

compareWithRust("gpt4o");
