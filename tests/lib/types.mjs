// types.mjs - what TypeScript's compiler has to say of a file, strictly. Used by the tests of the types for
// front ends (www/lib/socketio-events.d.ts).
import ts from 'typescript';

const options = {
    strict: true, noEmit: true, noUnusedLocals: true, exactOptionalPropertyTypes: true,
    target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022, lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'],
    moduleResolution: ts.ModuleResolutionKind.Bundler, types: [],
};

// Its text may be given; then the path only says where it would be.
export function complaints(path, text) {
    const host = ts.createCompilerHost(options);
    const { getSourceFile, fileExists, readFile } = host;
    const given = (name) => text !== undefined && name === path;
    host.fileExists = (name) => given(name) || fileExists(name);
    host.readFile = (name) => (given(name) ? text : readFile(name));
    host.getSourceFile = (name, ...rest) => (given(name)
        ? ts.createSourceFile(name, text, ...rest) : getSourceFile(name, ...rest));
    return ts.getPreEmitDiagnostics(ts.createProgram([path], options, host)).map((d) => {
        const line = d.file ? `${d.file.fileName}:${d.file.getLineAndCharacterOfPosition(d.start).line + 1} ` : '';
        return line + ts.flattenDiagnosticMessageText(d.messageText, ' ');
    });
}

// The names of an interface's members, or of a class's.
export function members(path, name) {
    const file = ts.createSourceFile(path, ts.sys.readFile(path), ts.ScriptTarget.ES2022, true);
    const found = file.statements.find((s) => (ts.isInterfaceDeclaration(s) || ts.isClassDeclaration(s)) && s.name.text === name);
    return found.members.filter((m) => m.name).map((m) => m.name.text).sort();
}
