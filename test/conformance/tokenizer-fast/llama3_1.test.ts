import { compareWithRust } from "../../support/tokenizer/rustSuite";

compareWithRust("llama3_1");
