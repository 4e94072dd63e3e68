// A plugin of typedoc: a method of NDArray does what the function of its name does, so it is documented as that is. Members that classes have for
// their makers and not for their users, constructors and dispatch, are left out. Functions and methods stand in families: those of the files
// that they are written in.
import { Comment, CommentTag, Converter, ReflectionKind } from "typedoc";
import { familyOf } from "./families.mjs";

/** @typedef {import("typedoc").DeclarationReflection} Declaration */

/** @param {import("typedoc").Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    const functions = new Map(of(project, ReflectionKind.Function).map((each) => [each.name, each]));
    for (const each of functions.values()) putInto(familyOf(each.name, fileOf(project, each)), each);
    for (const type of [...of(project, ReflectionKind.Class), ...of(project, ReflectionKind.Interface)]) {
      const hidden = (/** @type {Declaration} */ { name }) =>
        type.name.endsWith("Error") || (parts.includes(type.name) && machinery.includes(name));
      for (const member of [...(type.children ?? [])])
        if (hidden(member)) project.removeReflection(member);
        else if (type.name === "NDArray") {
          const named = functions.get(member.name);
          document(member, named);
          putInto(familyOf(member.name, "methods") ?? (named && familyOf(named.name, fileOf(project, named))), member);
        }
    }
  });
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
    const functions = new Map(of(project, ReflectionKind.Function).map((each) => [each.name, each]));
    for (const type of of(project, ReflectionKind.Class)) {
      if (type.name !== "NDArray") continue;
      type.extendedTypes = undefined;
      describeParameters(type, functions);
      for (const member of type.children ?? [])
        for (const each of [member, member.getSignature, ...(member.signatures ?? [])]) if (each) each.inheritedFrom = undefined;
    }
  });
}

/** @returns {Declaration[]} @param {import("typedoc").ProjectReflection} project @param {import("typedoc").ReflectionKind} kind */
const of = (project, kind) => /** @type {Declaration[]} */ (project.getReflectionsByKind(kind));

/** The file that declares it, from its package's folder. @param {import("typedoc").ProjectReflection} project @param {Declaration} each */
const fileOf = (project, each) => project.getSymbolIdFromReflection(each)?.packagePath ?? "";

/** @param {string | undefined} family @param {Declaration} member */
function putInto(family, member) {
  if (!family) return;
  const tag = () => new CommentTag("@group", [{ kind: "text", text: family }]);
  const places = [member.getSignature, ...(member.signatures ?? [])].filter((each) => each !== undefined);
  for (const each of places.length > 0 ? places : [member]) {
    each.comment ??= new Comment();
    each.comment.blockTags.push(tag());
  }
}

/** The members by which arrays and devices take part in transformations. */
const machinery = ["constructor", "owner", "aval", "[brand]", "kind", "lanes", "level", "live", "process", "call", "lend"];
const parts = ["NDArray", "Device", "GpuDevice"];

/** Gives the parameters of methods the functions' words for them, the array aside, which comes first. @param {Declaration} type @param {ReadonlyMap<string, Declaration>} functions */
function describeParameters(type, functions) {
  for (const signature of (type.children ?? []).flatMap((member) => member.signatures ?? [])) {
    const named = functions.get(signature.name)?.signatures?.find((each) => each.parameters?.some(({ comment }) => comment));
    for (const [i, parameter] of (signature.parameters ?? []).entries()) {
      const { comment } = named?.parameters?.[i + 1] ?? {};
      if (comment) parameter.comment ??= new Comment(Comment.cloneDisplayParts(comment.summary));
    }
  }
}

/** Gives a method the summary of a function's comment, and a link to the rest: parameters, errors, an example. @param {Declaration} method @param {Declaration | undefined} named */
function document(method, named) {
  const comment = named?.signatures?.find((each) => each.comment)?.comment;
  if (!named || !comment) return;
  const see = new CommentTag("@see", [{ kind: "inline-tag", tag: "@link", text: named.name, target: named }]);
  for (const signature of method.signatures ?? []) signature.comment ??= new Comment(Comment.cloneDisplayParts(comment.summary), [see]);
}
