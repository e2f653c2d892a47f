"""The light of a studio, as programs for the graphics card: key, fill, rim and a bright room, in linear
light.

Formulas: wrapped diffuse light for what light goes into (S. Green, "Real-time approximations to subsurface
scattering", GPU Gems, 2004); gloss by J. Blinn, "Models of light reflection", 1977; strands of hair by
J. Kajiya and T. Kay, 1989; the tone curve by E. Reinhard et al., "Photographic tone reproduction", 2002,
eq. 4; sRGB by IEC 61966-2-1, its power by three roots (error below half a step of 8 bits).
"""

from __future__ import annotations

VERTEX = """
#version 330 core
uniform mat4 clip;
uniform vec4 bones[3 * BONES];  // the upper three rows of each bone's matrix
uniform vec4 balls[BALLS];      // centre, radius
uniform vec3 key;               // towards the key light
in vec3 place;
in vec3 normal;
in vec4 color;                  // linear; then the share of light from all around
in float rest;                  // what the balls leave of it at rest
in vec4 joints;
in vec4 weights;
out vec3 world;
out vec3 facing;
out vec3 albedo;
out vec2 open;                  // to the room, to the key light
void main() {
    ivec4 first = ivec4(joints) * 3;
    vec4 x = vec4(0), y = vec4(0), z = vec4(0);
    for (int i = 0; i < 4; i++) {
        x += weights[i] * bones[first[i]];
        y += weights[i] * bones[first[i] + 1];
        z += weights[i] * bones[first[i] + 2];
    }
    vec4 at = vec4(place, 1);
    world = vec3(dot(x, at), dot(y, at), dot(z, at));
    facing = normalize(vec3(dot(x.xyz, normal), dot(y.xyz, normal), dot(z.xyz, normal)));
    float room = 1.0, lit = 1.0;
    for (int i = 0; i < BALLS; i++) {
        vec3 way = balls[i].xyz - world;
        float radius = balls[i].w, squared = max(dot(way, way), 1e-8);
        room *= 1.0 - max(dot(way, facing), 0.0) * inversesqrt(squared) * min(1.0, radius * radius / squared);
        float along = dot(way, key);
        float beside = sqrt(max(squared - along * along, 0.0));
        float blur = radius + 0.22 * max(along, 0.0);
        float shade = 1.0 - smoothstep(0.55 * radius - 0.2 * blur, radius + 0.45 * blur, beside);
        lit *= 1.0 - shade * smoothstep(0.3 * radius, 1.6 * radius, along) * sqrt(radius / blur);
    }
    albedo = color.rgb;
    open = vec2(color.a * min(1.0, room / max(rest, 0.05)), lit);
    gl_Position = clip * vec4(world, 1);
}
"""
"""Needs `BONES` and `BALLS`."""

FRAGMENT = """
#version 330 core
uniform vec3 key;
uniform vec3 eye;
in vec3 world;
in vec3 facing;
in vec3 albedo;
in vec2 open;
out vec4 paint;

const vec3 KEY = vec3(1.22, 1.13, 1.03), FILL = vec3(0.17, 0.20, 0.24), RIM = vec3(0.38, 0.42, 0.48);
const vec3 SKY = vec3(0.22, 0.24, 0.27), GROUND = vec3(0.10, 0.085, 0.08);
const vec3 FROM_FILL = vec3(0.700, 0.100, 0.707), FROM_RIM = vec3(0.000, 0.530, -0.848);

vec3 screen(vec3 light) {
    vec3 toned = light * (1.0 + light * 0.16) / (1.0 + light) * 1.25;
    vec3 a = sqrt(clamp(toned, 0.0, 1.0)), b = sqrt(a), c = sqrt(b);
    return clamp(0.662002687 * a + 0.684122060 * b - 0.323583601 * c - 0.0225411470 * toned, 0.0, 1.0);
}

void main() {
    vec3 n = normalize(facing), v = normalize(eye - world);
    float lit = clamp((dot(n, key) + WRAP) / (1.0 + WRAP), 0.0, 1.0);
    float filled = clamp((dot(n, FROM_FILL) + WRAP) / (1.0 + WRAP), 0.0, 1.0);
    float edge = 1.0 - max(dot(n, v), 0.0);
    float edge2 = edge * edge;
    vec3 direct = KEY * (lit * open.y);
#ifdef SKIN
    // Red light comes out again where the key light fades: the blood below the skin.
    direct += vec3(0.30, 0.055, 0.030) * (4.0 * lit * (1.0 - lit)) * (0.35 + 0.65 * open.y);
#endif
    vec3 room = mix(GROUND, SKY, 0.5 + 0.5 * n.y);
    vec3 occluded = vec3(open.x);
#ifdef SKIN
    occluded = vec3(open.x) + vec3(0.20, 0.03, 0.0) * (open.x * (1.0 - open.x));
#endif
    vec3 light = albedo * (direct * (0.4 + 0.6 * occluded) + FILL * filled * occluded + room * occluded);
    light += albedo * RIM * (edge2 * edge * max(dot(n, FROM_RIM) + 0.55, 0.0) * 2.0 * open.x);
#ifdef GLOSS
    float shine = max(dot(n, normalize(key + v)), 0.0);
    light += vec3(STRENGTH * (0.25 + edge2)) * pow(shine, GLOSS) * open.y * KEY;
#endif
#ifdef STRANDS
    vec3 strand = normalize(vec3(0.0, 1.0, 0.15) - n * n.y);
    float across = dot(strand, normalize(key + v));
    light += (0.03 + albedo * 0.9) * pow(max(1.0 - across * across, 0.0), 24.0) * open.x * lit * 0.5;
#endif
    paint = vec4(screen(light), 1.0);
}
"""
"""Needs `WRAP`; `SKIN`, `STRANDS`, and `GLOSS` with `STRENGTH` as the material has them."""

KINDS = {
    "skin": {"WRAP": "0.35", "SKIN": "1", "GLOSS": "22.0", "STRENGTH": "0.10"},
    "cloth": {"WRAP": "0.25"},
    "hair": {"WRAP": "0.30", "STRANDS": "1"},
    "eye": {"WRAP": "0.15", "GLOSS": "180.0", "STRENGTH": "4.0"},
    "plain": {"WRAP": "0.20", "GLOSS": "40.0", "STRENGTH": "0.30"},
}
"""Kind of a material → what its light is made of. A `GLOSS` is the exponent of its highlight."""


def program(source: str, defined: dict[str, str]) -> str:
    """`source` with each of `defined` set after its first line, which must name the version."""
    version, _, body = source.strip().partition("\n")
    return "\n".join([version, *(f"#define {name} {value}" for name, value in defined.items()), body])
