/**
 * What reads templates, loaded together with the first question about one: the parser, the names and their documentation
 * are a third of the extension's code. The only way to it from what is loaded at activation is `import()`.
 */
export { configTemplates, replaceTemplate, templateAt } from "../../core/language/template/config/configTemplates";
export { PROBED, isProbed } from "../../core/rules/template/templateRules";
export { SAMPLES, sampleById } from "../../core/template/samples/samples";
export { templateCompletions } from "../language/template/completion";
export { templateHover } from "../language/template/hover";
export { definitionLinks, referenceRanges, renameEdit, renamed } from "../language/template/navigation";
export { foldingRangesOf, spanRange, symbolsOf } from "../language/template/structure";
export { CaseTests } from "./cases/caseTests";
export { chatTemplateOf } from "./templateTexts";
