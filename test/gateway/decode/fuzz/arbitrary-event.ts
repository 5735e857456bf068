import fc from 'fast-check';

/** An event as a sender writes it, valid or invalid. */
export interface WrittenEvent {
  /** The attributes as members of a JSON object, also `null` values. */
  readonly members: Readonly<Record<string, unknown>>;
  readonly payload: {
    /** `data`, `data_base64`, both or neither. */
    readonly members: Readonly<Record<string, unknown>>;
    /** The same payload as a body in binary mode. */
    readonly bytes: Buffer;
  };
}

const interesting = fc.constantFrom(
  ...[
    '1',
    'a b',
    '北京',
    'Euro € 😀',
    'é',
    '100%',
    '%41%2541',
    '"quoted"',
    'a"b',
    'back\\slash',
    '{"a": 5}',
    ',',
  ],
  ...['\u0085', '\n', '\ufffe', '\ud800', '\u00a0', ' padded ', ''],
);
const text = fc.oneof(
  { weight: 3, arbitrary: fc.stringMatching(/^[a-z0-9./:-]{1,12}$/) },
  { weight: 1, arbitrary: interesting },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 8 }) },
);

/** Values that are invalid for a text attribute. */
const noText = fc.constantFrom(null, '', 0, 5, true, false, 1.5, {}, ['x']);

const stamp = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })
      .map((date) => date.toISOString()),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...['2018-04-05t17:31:00z', '2018-04-05T17:31:00.123456789+08:00', '2016-12-31T23:59:60Z'],
      ...[
        '2020-08-17T16:04:46.149Asia/Shanghai',
        '2020-08-17T16:04:42.179PRC',
        'today',
        '2018-02-30T00:00:00Z',
        '5',
      ],
    ),
  },
);

const mediaType = fc.constantFrom(
  ...[
    'application/json',
    'application/json',
    'application/json; charset=utf-8',
    'application/json;charset=UTF-8',
  ],
  ...['text/json', 'application/vnd.x+json', 'Application/JSON', 'application/json; charset=utf-16le'],
  ...['text/plain', 'text/plain; charset=gbk', 'application/xml', 'application/octet-stream'],
);

const mostlyValid = <T>(good: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 30, arbitrary: good }, { weight: 1, arbitrary: noText });

const source = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom('/s', 'acs.oss', 'urn:uuid:6e8bc430', '//github.com/x', 'https://x/y?z#f'),
  },
  { weight: 1, arbitrary: text },
);

const members = fc.record(
  {
    specversion: fc.oneof(
      { weight: 12, arbitrary: fc.constant('1.0') },
      { weight: 1, arbitrary: fc.constantFrom('0.3', '19.0', '1', 1, null) },
    ),
    id: mostlyValid(text),
    source: mostlyValid(source),
    type: mostlyValid(text),
    subject: mostlyValid(text),
    time: mostlyValid(stamp),
    datacontenttype: mostlyValid(mediaType),
    dataschema: mostlyValid(fc.constantFrom('https://x/schema', 'urn:x:y', '/relative')),
    expirytime: stamp,
    schemaurl: fc.constant('https://x/old'),
    custom: fc.oneof(
      text,
      fc.boolean(),
      fc.integer(),
      fc.constantFrom(null, 2 ** 31, -(2 ** 31), 1.5, {}, [1]),
    ),
    'My-Ext': fc.constantFrom('x', null),
  },
  { requiredKeys: [] },
);

/** Most events have the required attributes. */
const whole = fc
  .tuple(members, fc.boolean(), fc.constantFrom('', '', 'schemaurl', 'custom'))
  .map(([made, odd, rare]) => ({
    ...{ specversion: '1.0', id: '1', source: '/s', type: 't' },
    ...Object.fromEntries(
      Object.entries(made).filter(
        ([name]) => odd || name === rare || !['schemaurl', 'My-Ext', 'expirytime'].includes(name),
      ),
    ),
  }));

const payload = fc.oneof(
  fc.constant({ members: {}, bytes: Buffer.alloc(0) }),
  fc
    .oneof(fc.constantFrom(0, -0, false, '', null, ' ', '{"a":1}'), fc.jsonValue({ maxDepth: 3 }))
    .map((data) => ({
      members: { data },
      bytes: Buffer.from(JSON.stringify(data)),
    })),
  text.map((data) => ({ members: { data }, bytes: Buffer.from(data) })),
  fc.uint8Array({ maxLength: 12 }).map((bytes) => ({
    members: { data_base64: Buffer.from(bytes).toString('base64') },
    bytes: Buffer.from(bytes),
  })),
  fc.jsonValue({ maxDepth: 1 }).map((data) => ({
    members: { data_base64: Buffer.from(JSON.stringify(data)).toString('base64') },
    bytes: Buffer.from(` ${JSON.stringify(data)}\n`),
  })),
  fc
    .constantFrom(
      ...[
        { data: 1, data_base64: 'AA==' },
        { data_base64: 'A' },
        { data_base64: 'AA-_' },
        { data_base64: null },
      ],
    )
    .map((both) => ({ members: both, bytes: Buffer.from('[1') })),
);

/** Generates events. Most of them are valid. The others have one or two mistakes. */
export const arbitraryEvent: fc.Arbitrary<WrittenEvent> = fc.record({ members: whole, payload });
