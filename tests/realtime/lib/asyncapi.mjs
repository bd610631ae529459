// asyncapi.mjs - the sidecar's document as a contract: what was said is held against the schema that the
// document names for it, and remembered, so that a test can ask what was never said.
import addFormats from 'ajv-formats';
import Ajv from 'ajv';

export class Contract {
    constructor(document) {
        this.document = document;
        this.ajv = new Ajv({ allErrors: true, strict: false, allowUnionTypes: true });
        addFormats(this.ajv);
        this.ajv.addSchema({ $id: 'https://maitred.example/asyncapi', ...document }, 'doc');
        this.seen = new Set(); // "channel message"
        this.problems = [];
    }

    follow = (ref) => ref.slice(2).split('/').reduce((at, key) => at[key], this.document);

    // [name in the channel, name in components, message]
    messages(channel) {
        return Object.entries(this.document.channels[channel].messages)
            .map(([key, { $ref }]) => [key, $ref.split('/').at(-1), this.follow($ref)]);
    }

    operations = (channel) => Object.entries(this.document.operations).filter(([, op]) => op.channel.$ref === `#/channels/${channel}`);

    // What clients say there, and what the server says.
    taken = (channel) => new Set(this.operations(channel).filter(([, op]) => op.action === 'receive')
        .flatMap(([, op]) => op.messages.map(({ $ref }) => $ref.split('/').at(-1))));
    said = (channel) => this.messages(channel).map(([key]) => key).filter((key) => !this.taken(channel).has(key));

    // What is wrong with the value by the message's payload; '' when nothing is.
    wrong(component, value) {
        const validate = this.ajv.getSchema(`doc#/components/messages/${component}/payload`);
        return validate(value) ? '' : this.ajv.errorsText(validate.errors);
    }

    // The message that it says it is: by its type or status, its action, or as a whole.
    #named(channel, value, keys) {
        const words = (schema) => schema?.enum ?? (schema?.const === undefined ? undefined : [schema.const]);
        const marks = ['type', 'status', 'action'], mark = marks.find((key) => key in Object(value));
        const says = (payload, key) => !words(payload.properties[key]) ||
            (key in value ? words(payload.properties[key]).includes(value[key]) : !payload.required.includes(key));
        const fits = (payload) => (typeof value === 'string' ? payload.type === 'string' && words(payload).includes(value)
            : payload.type === 'object' && (!mark || words(payload.properties[mark])) &&
                marks.every((key) => says(payload, key)));
        return this.messages(channel).filter(([key, , { payload }]) => keys.has(key) && payload && fits(payload));
    }

    #hold(channel, value, keys) {
        const found = this.#named(channel, value, keys), text = JSON.stringify(value).slice(0, 600);
        if (found.length !== 1) {
            this.problems.push(`${channel} has ${found.length} messages for ${text}`);
            return;
        }
        const [key, component] = found[0], wrong = this.wrong(component, value);
        this.seen.add(`${channel} ${key}`);
        if (wrong) this.problems.push(`${channel} ${key}: ${wrong}: ${text}`);
    }

    heard = (channel, value) => this.#hold(channel, value, new Set(this.said(channel)));
    asked = (channel, value) => this.#hold(channel, value, this.taken(channel));

    missing = (channel, keys) => [...keys].map((key) => `${channel} ${key}`).filter((name) => !this.seen.has(name));
}
