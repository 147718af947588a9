import { compareWithRust } from "../../support/tokenizer/rustSuite";

compareWithRust("llama2");
