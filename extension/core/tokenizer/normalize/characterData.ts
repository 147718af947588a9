/**
 * Character data as the Rust library has it, whatever Unicode version the host has: its normalization forms and marks are
 * Unicode 9.0's. Each table lists ranges in base 36: the gap since the end of the range before, `.` and the number of code points where it is
 * more than one, `:` and a value. The unit test of this folder derives every table anew from the Rust library and compares.
 */

/** Canonical combining classes that are not 0. */
export const COMBINING_CLASSES =
  "lc.l:6e 0:6g 0.4:64 0:6g 0:60 0.5:64 0.2:5m 0.4:64 0.2:5m 0.b:64 0.5:1 0.4:64 0.3:6e 2:6e 2:6o 0:6e 0.3:64 0.3:6e 0.2:64 1.3:6e 0.4:64 0:6e " +
  "0:6g 0.2:64 0:6e 0:6h 0.2:6i 0:6h 0.2:6i 0:6h 0.d:6e 7n.5:6e 7d:64 0.4:6e 0:64 0.3:6e 0:66 0:64 0.6:6e 0.6:64 0.2:6e 0:64 0.2:6e 0:66 0:6c " +
  "0:6e 0:a 0:b 0:c 0:d 0:e 0:f 0:g 0:h 0:i 0.2:j 0:k 0:l 0:m 1:n 1:o 0:p 1:6e 0:64 1:i 20.8:6e 0:u 0:v 0:w 1c:r 0:s 0:t 0:u 0:v 0:w 0:x 0:y " +
  "0.2:6e 0.2:64 0.5:6e 0:64 0.2:6e 0:64 g:z 2t.7:6e 2.4:6e 0:64 0:6e 2.2:6e 1:64 0.2:6e 0:64 z:10 u:6e 0:64 0.2:6e 0:64 0.2:6e 0.3:64 0:6e " +
  "0.2:64 0:6e 0:64 0.3:6e 0:64 0:6e 0:64 0:6e 0:64 0:6e 0:64 0.2:6e 4g.7:6e 0:64 0:6e y.4:6e 1.9:6e 1.3:6e 1.5:6e 17.3:64 3c.e:6e 1:64 0.2:6e " +
  "0:64 0.2:6e 0:64 0.3:6e 0.3:64 0:r 0:s 0:t 0.3:6e 0:64 0.2:6e 0.2:64 0.5:6e 1o:7 g:9 3:6e 0:64 0.2:6e 2v:7 g:9 32:7 g:9 32:7 g:9 32:7 g:9 " +
  "3j:9 3j:9 7:2c 0:2j 2t:7 g:9 3j:9 3g:9 31.2:2v 0:9 d.4:2z 30.2:3a e.4:3e 24.2:64 r:64 1:64 1:60 1j:3l 0:3m 1:3o 5.4:3m 2:3m 1.2:6e 0:9 " +
  "1.2:6e 1q:64 34:7 1.2:9 2a:64 jz.3:6e qc:9 v:9 4d:9 a:6e 5n:6c 3z:66 0:6e 0:64 63:6e 0:64 1z:9 k.8:6e 2:64 1c.5:6e 0.6:64 0.2:6e 0:64 3a:7 " +
  "f:9 12:6e 0:64 0.7:6e 1i.2:9 1m:7 b.2:9 1v:7 48.3:6e 1:1 0.5:64 0.2:6e 0.4:64 0:6e 1.7:1 4:64 6:6e 3.2:6e 5i.2:6e 0:64 0.7:6e 0:64 0.2:6e " +
  "0:6i 0:5y 0:64 0:5m 0.11:6e 5:6e 0:6h 0:64 0:6e 0:64 k0.2:6e 0.2:1 0.4:6e 0.3:1 0.2:6e 4:6e 3.2:1 0:6e 0:64 0:6e 0.2:1 0.4:64 0:6e 2da.3:6e " +
  "3x:9 2o.w:6e fe:62 0:6c 0:6g 0:66 0.2:68 2x.2:8 n9w:6e 4.a:6e w.2:6e 28.2:6e 7o:9 59:9 r.i:6e 1l.3:64 11:9 2n:7 c:9 6n:6e 1.2:6e 0:64 2.2:6e " +
  "5.2:6e 1:6e 1g:9 6u:9 fn4:q ld.7:6e 0.7:64 0.2:6e r1:64 6a:64 45.5:6e 1aq:64 1:6e 14:6e 0:1 0:64 4:9 4l:6e 0:64 127:9 1k:9 1l:9 0:7 1x.3:6e " +
  "1c.2:9 1q:7 24:9 9:7 2y:9 0:7 4y:7 0:9 29:7 g:9 o.7:6e 3.5:6e 5p:9 3:7 3f:9 0:7 6z:9 0:7 3i:9 3a:9 0:7 37:9 103:9 fjk.5:1 1n.7:6e g2v:1 " +
  "43q.2:60 0.3:1 3:6a 0.5:60 8.8:64 2.5:6e 0.2:64 u.4:6e 44.3:6e 2pn.7:6e 1.h:6e 2.7:6e 1.2:6e 1.5:6e 1ph.7:64 31.6:6e 0:7";

/** What has a canonical decomposition, Hangul syllables left out: what they become is stable, so the host is asked for it. */
export const CANONICAL =
  "5c.6 1.9 1.6 2.5 2.6 1.9 1.6 2.5 1.h 2.k 2.9 3.4 1.6 4.6 3.6 2.i 2.n x.2 d.2 s.g 1.6 2.b 3.2 2.10 2.2 6.e 7g.2 1.2 1b 9 6.6 1 1.3 p.7 p.5 " +
  "4.2 17.2 1 3 4.3 a v m.2 1 3 4.3 n.2 21.2 d.4 2.2 2.6 2.6 2.c 2.2 88.5 49 1 g gl 7 2 z.8 2z.2 f.2 1 2b 2 y.3 2 6h 2.2 f.2 1i 1h.3 3f 3b 6.2 " +
  "1.2 3i.3 3x 1.3 9w 9 4 4 4 c 9 1.2 1 8 h 9 4 4 4 c 30 25b 1 1 1 1 3 14 1 2.2 1 jg.4a 1 4.2i 6.m 2.6 2.12 2.6 2.8 1 1 1 1.v 2.1h 1.7 1 2.4 " +
  "1.e 2.6 1.j 2.3 1.8 2.2 84 3.2 32.2 i u.3 1g 4 2 n 1 q 2 2 1 m 1 a.5 2.2 2.2 6.2 2.2 2.2 y.4 1c.4 6.4 1n.2 1ip 12n 1 1 1 1 1 1 1 1 1 1 1 2 1 " +
  "1 6.2 1.2 1.2 1.2 1.2 m 9 d 1 1 1 1 1 1 1 1 1 1 1 2 1 1 6.2 1.2 1.2 1.2 1.2 m 2.4 3 13i9.7i 2 1 2.a 1 1 2.2 3.1w 2.2y 1v 1 a.d 1.5 1 1.2 1.2 " +
  "1.9 47f 1 e 3m.2 ez.2 a6.2 1 6z.2 112a.7 2e.6 1m4f.f2";

/** What has a compatibility decomposition. */
export const COMPATIBILITY =
  "4g 7 1 4 2.4 2.3 1.3 37.2 b.2 8 1h 1w.9 10.3 58.9 v.6 2.5 45 9.2 22.7 p.3 1.2 3 b1 6l.4 1iy 3j 14.2 1a 2y 1 aq 2en.3 1.b 1.i 1.s d y.11 62.2 " +
  "81 1.3 b.3 d.3 d.2 e.2 1.b 6 5 c.3 8 3.2 1.2 4 1 8.3 d 7 g.2 2.r 1.d b 2f.4 1.3 1.b 1.2 2.5 2.3 1 3 3.2 1.3 1.7 1.6 4.5 6.1c 9 4i.2 1.2 " +
  "fj.3v 10h 2v.3 ed.2 6p 8f 2b c.5y 16 1h 1.3 2o.2 2 2n 1d.2m 3.e 2o.v 1.14 8.1b 1.3j 1.74 mn0.2 5u 3r.2 o2.4 fq8.7 c.5 8.a 11.2r x.a3 i.1s " +
  "2.1i 14.d j.a m.l 2.c 1.j 1.4 4.3 1 1.3r 4.5a 3.6 2.6 2.6 2.3 3.7 1.7 15w1.2d 1.1z 1.2 2 2.2 2.4 1.c 1 1.7 1.1t 1.4 2.8 1.7 1.s 1.4 1.5 1 " +
  "3.7 1.9g 2.84 2.1e 4cg.4 1.r 1.2 1 2 1.a 1.4 1 1 6 4 1 1 1.3 1.2 1 2 1 1 1 1 1.2 1 2.4 1.7 1.4 1.4 1 1.a 1.h 5.3 1.5 1.h g4.b 5.v 1.w q.2 10 " +
  "33.3 d.18 4.9 7.2";

/** What a character before it may be composed with. */
export const SECONDS =
  "lc.5 1.7 2 1 1.2 6 7.6 4.2 1.2 6 9 2 lp.3 km 3l o 9y n.2 2u o 3i 2z i.2 2v o 36 4 f ge 8i.l 1e.r 1v6 483.2 189r 30 eu o 9k 9 2 6p";

/** General category M. */
export const MARKS =
  "lc.34 7n.7 7b.19 1 1.2 1.2 1 20.b 1c.l g 2t.7 2.6 2.2 1.4 z u.r 2j.b 1m.9 y.4 1.9 1.3 1.5 17.3 3c.e 1.x 1i.3 1.i 1.7 a.2 t.3 1k 1.7 2.2 2.3 " +
  "9 a.2 t.3 1k 1.5 4.2 2.3 3 u.2 3 b.3 1k 1.8 1.3 1.3 k.2 t.3 1k 1.7 2.2 2.3 8.2 a.2 u 1n.5 3.3 1.4 9 14.4 1m.7 1.3 1.4 7.2 b.2 t.3 1k 1.7 1.3 " +
  "1.4 7.2 b.2 t.3 1m.7 1.3 1.4 9 a.2 u.2 1y 4.6 1 1.8 i.2 1p 2.7 c.8 2q 2.6 1.2 b.6 22.2 r 1 1 4.2 1d.k 1.2 5.b 1.10 9 2s.k n.4 4.3 1.3 2.7 " +
  "3.4 d.c 1 a.4 jj.3 qa.3 t.3 t.2 u.2 1s.w 9 19.3 3b.2 y 3a.c 4.c 63.5 1l.a 1.t 2 1c.f 1t.5 1b.h 12.9 c.3 u.d 1k.e 1c.k 48.3 1.l 4 4.3 3.2 " +
  "5i.1i 5.5 k0.x 2da.3 3x 2o.w fe.6 2x.2 n9w.4 1.a w.2 28.2 7k 3 4 n.5 2g.2 1e.i q.i 1g.8 p.d 18.4 1b.e 10 1v.e c 8.2 19.3 1e 1.3 2.2 5.2 1 " +
  "15.5 5.2 6k.8 1.2 fn4 kh.g g.g r1 6a 45.5 1ae.3 1.2 5.4 14.3 4 4l.2 109.3 1h.f 1k.4 19.b 1x.3 10.e 1q c.3 1c.e 9.3 2n.c 6 4g.c l.4 1k 1.7 " +
  "2.2 2.3 9 a.2 2.7 3.5 5c.i 2x.k 6j.7 2.9 r.2 2a.h 2y.d 2t.f zn.8 1.8 2a.m 1.e fg9.5 1n.7 t6.1a g.4 f7u.2 43q.5 3.6 8.8 2.7 u.4 44.3 1iz.1j " +
  "4.1e 8 e m.5 1.f 11s.7 1.h 2.7 1.2 1.5 1ph.7 31.7 gzhx.6o";

/** General category Mn, those with a decomposition left out. */
export const NONSPACING_MARKS =
  "lc.1s 2 2.17 7n.5 7d.19 1 1.2 1.2 1 20.b 1c.l g 2t.7 2.6 2.2 1.4 z u.r 2j.b 1m.9 y.4 1.9 1.3 1.5 17.3 3r.w 1j 1 4.8 4 3.7 a.2 t 1m 4.4 8 k.2 " +
  "t.2 1l 4.2 4.2 2.3 3 u.2 3 b.2 1l 4.5 1.2 4 k.2 t 1m 2 1.4 8 8 b.2 u 1p c 1e 1p.3 5.2 2.4 7.2 b.2 t 1m 2 6 5.2 k.2 t 1r.4 8 k.2 2u 7.3 1 2i " +
  "2.7 c.8 2q 2.6 1.2 b.6 22.2 r 1 1 1j.2 1 2 1.6 1 1.3 1.2 5.6 1.4 1.4 1.4 1.4 1.4 1.c 1.3 9 2u.4 1.6 1.2 2.2 p.2 4.3 g.4 d 2.2 6 f jj.3 qa.3 " +
  "t.3 t.2 u.2 1s.2 1.7 8 2.b 9 19.3 4b 3a.3 4.2 9 6.3 63.2 2 1m 1.7 1 1 2.8 6.a 2 1c.e 1u.4 1c 1.5 1 5 14.9 c.2 w.4 2.2 1.3 1k 1.2 3 1.3 1m.8 " +
  "2.2 48.3 1.d 1.7 4 6 3.2 5i.1i 6.4 k0.d 4 3.c 2da.3 3x 2o.w fe.4 2z.2 n9w 4.a w.2 28.2 7k 3 4 p.2 4d r.i 1g.8 p.b 1a.3 1c 2.4 2 14 1v.6 2.2 " +
  "2.2 c 8 1b 1f 1.3 2.2 5.2 1 16.2 8 6m 2 4 fn4 kh.g g.g r1 6a 45.5 1ae.3 1.2 5.4 14.3 4 4l.2 10a 1i.f 1k.3 1d.4 2.2 1x.3 10.5 1 2.5 1q c.2 " +
  "1g.9 b.3 2q.3 2 1.2 4n 3.8 l.2 1m 3 11.7 3.5 8u.6 1 4.2 1.2 6m.4 6.2 1.2 r.2 2d.8 2 1.2 2y 1 2.6 1 2t.3 2.4 1.5 gjo.5 1n.7 uw.4 f7u.2 43s.3 " +
  "h.8 2.7 u.4 44.3 1iz.1j 4.1e 8 e m.5 1.f 2sg.7 gzl5.6o";

/** What BertNormalizer's clean_text removes. */
export const CONTROLS =
  "0.9 2.2 1.i 2n.x d 11u.6 m 5c 1d 3cu 1ks.5 q.5 1d.5 1.a 11u8.4xs 16n 6x.3 1 3b3 xya.4 43z.8 h406 u.2o 1egw.1eke 2.1eke";

/** General category P and the other ASCII characters that are no letters, digits or white space. */
export const PUNCTUATION =
  "x.f a.7 q.6 q.4 y 5 3 a.2 3 3 ji 8 cy.6 15.2 1f 1 2 2 18.2 k.2 1.2 d 2.2 22.4 2u 17.e 6h.3 1i.f v 79.2 a an lf 2i a.2 4o.f 1 11.4 1z 22.5 " +
  "4.2 33.6 4r h0.9 47 h8.2 18.2 26.3 1z.2 4d.3 1.3 11.b 8p.2 60.2 3k.7 1.6 4s.7 4b.4 1n.5 1q.2 1s.8 b n0.o 8.k 1.d 1.c u.2 e.2 hl.4 t.2 u5.e " +
  "27.2 v.a b7.m 1r.4 w.2 l7.4 1.2 34 3z.1b 1.j ce.3 4.a 2.c g c 2q 2i mwy.2 7h.3 2r a 37.6 ak.4 2e.2 14.3 1 1d.2 1b 2p.d g.2 3g.4 3i.2 g.2 6x " +
  "g2a.2 5s.a m.z 1.e 1 4 1.2 45.3 1.6 1.4 a.2 3.2 q.3 1 r 1 1.7 be.3 ik 1c bi kn 5j v 7k.9 12 34.7 1u.7 2h.4 x6.7 31.2 1.4 3i.4 1c.2 27.5 3 d " +
  "1.3 2g.6 2z f0 6y.n 2x.3 6w.3 2lt.5 dtl.2 3p 1t.5 8 g2i 5wn.5";

/** Capitals that are newer than Unicode 14, and the distance to their small letters. */
export const NEW_CAPITALS =
  "5mx:1 ri9:-wo7 0:1 1:1 3:1 1:1 5:1 1:-wu9 k1f.m:w j7e.p:r";
