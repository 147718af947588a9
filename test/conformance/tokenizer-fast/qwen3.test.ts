import { compareWithRust } from "../../support/tokenizer/rustSuite";

compareWithRust("qwen3");
