import { compareWithRust } from "../../support/tokenizer/rustSuite";

compareWithRust("gemma3");
