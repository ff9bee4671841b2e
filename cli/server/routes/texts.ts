/** The body of `/html`. */
export const html = `<!DOCTYPE html>
<html>
  <head><meta charset="utf-8"><title>A page</title></head>
  <body>
    <h1>Herman Melville - Moby-Dick</h1>
    <p>Call me Ishmael. Some years ago - never mind how long precisely - having little or no money in my purse, and
    nothing particular to interest me on shore, I thought I would sail about a little and see the watery part of the
    world.</p>
  </body>
</html>
`;

/** The body of `/json`. */
export const json: string = `${JSON.stringify({
  slideshow: {
    author: 'Yours Truly',
    date: 'date of publication',
    slides: [
      { title: 'Wake up to WonderWidgets!', type: 'all' },
      { items: ['Why WonderWidgets are great', 'Who buys WonderWidgets'], title: 'Overview', type: 'all' },
    ],
    title: 'Sample Slide Show',
  },
})}\n`;

/** The body of `/xml`. */
export const xml = `<?xml version="1.0" encoding="us-ascii"?>
<slideshow title="Sample Slide Show" date="Date of publication" author="Yours Truly">
  <slide type="all"><title>Wake up to WonderWidgets!</title></slide>
  <slide type="all"><title>Overview</title><item>Who buys WonderWidgets</item></slide>
</slideshow>
`;

/** The body of `/robots.txt`. */
export const robots = 'User-agent: *\nDisallow: /deny\n';

/** The body of `/encoding/utf8`: characters of one to four bytes, and combining marks. */
export const utf8 = `<!DOCTYPE html>
<html>
  <head><meta charset="utf-8"><title>UTF-8</title></head>
  <body>
    <p>Latin: Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich</p>
    <p>Greek: Ξεσκεπάζω την ψυχοφθόρα βδελυγμία</p>
    <p>Russian: Съешь же ещё этих мягких французских булок</p>
    <p>Hebrew: דג סקרן שט בים מאוכזב</p>
    <p>Japanese: いろはにほへと ちりぬるを</p>
    <p>Chinese: 天地玄黃 宇宙洪荒</p>
    <p>Combining: e\u0301 n\u0303, emoji: 🚀 👩‍🔬</p>
    <p>Mathematics: ∮ E⋅da = Q, ∀x∈ℝ: ⌈x⌉ = −⌊−x⌋</p>
  </body>
</html>
`;

/** The body of `/image/png`: one transparent pixel. */
export const png: Buffer = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
