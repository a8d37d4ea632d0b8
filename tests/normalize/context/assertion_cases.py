"""Sentences that affirm, hedge or deny, with what each must give. Only the dimensions that a case names are checked.

A helper with no argument (`dx()`) checks that the dimension stays empty. In a checked dimension

* `present` labels are in `Report.labels` and not in `Report.possible`,
* `possible` labels are in both,
* `absent` labels are in `Report.absent`; `absent=None` leaves that open, where both readings
  can be defended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Labels = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Case:
    """A text and the labels that it affirms, hedges and denies, by dimension key."""

    id: str
    text: str
    present: Labels = field(default_factory=dict)
    possible: Labels = field(default_factory=dict)
    absent: Labels | None = field(default_factory=dict)

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Keys of the dimensions that this case is about."""
        return tuple(dict.fromkeys([*self.present, *self.possible, *(self.absent or {})]))


def organ(*labels: str) -> Labels:
    return {"organ": labels}


def dx(*labels: str) -> Labels:
    return {"diagnosis": labels}


def shape(*labels: str) -> Labels:
    return {"shape": labels}


def margins(*labels: str) -> Labels:
    return {"margins": labels}


def echo(*labels: str) -> Labels:
    return {"echogenicity": labels}


def inside(*labels: str) -> Labels:
    return {"internal_characteristics": labels}


def behind(*labels: str) -> Labels:
    return {"posterior_acoustics": labels}


def flow(*labels: str) -> Labels:
    return {"vascularity": labels}


CYST, MASS, NODULE = dx("cyst"), dx("mass"), dx("nodule")
FLUID, NORMAL = dx("fluid collection"), dx("normal appearance")
CALCIFIED, SEPTATE, SOLID = inside("calcifications"), inside("septations"), inside("solid components")
SHADOW, ENHANCED = behind("shadowing"), behind("enhancement")
NO_FLOW, SOME_FLOW = flow("no vascularity"), flow("indeterminate/inhomogeneous vascularity")
KIDNEY, BREAST, LIVER, THYROID = organ("Kidney and ureter"), organ("Breast"), organ("Liver"), organ("Thyroid gland")
GALLBLADDER, ADNEXA, SCROTUM = organ("Gallbladder and bile ducts"), organ("Adnexa"), organ("Scrotum")

# fmt: off
DENIED_BEFORE = (
    Case("no: organ of the heading is kept", "KIDNEYS: No hydronephrosis.", KIDNEY),
    Case("no: organ of the sentence is kept", "The right kidney shows no stones.", KIDNEY),
    Case("no: plain", "No mass.", absent=MASS),
    Case("no: plural with adjective", "No suspicious nodules in either thyroid lobe.", THYROID, absent=NODULE),
    Case("no: free fluid", "No free fluid in the lower quadrants.", absent=FLUID),
    Case("no: two names of one label", "No ascites or pleural effusion.", absent=FLUID),
    Case("no: attribute in the denied phrase", "No hypoechoic or hyperechoic lesion in the liver.", LIVER,
         absent=echo("hypoechoic", "hyperechoic")),
    Case("no: adjective and noun both denied", "No anechoic fluid collection around the graft.",
         absent={**echo("anechoic"), **FLUID}),
    Case("no: margins in the denied phrase", "No well-circumscribed mass at the site of pain.",
         absent={**margins("well-defined"), **MASS}),
    Case("no: abbreviation DVT", "No DVT in the left leg.", organ("Peripheral veins")),
    Case("no definite", "No definite ovarian cyst.", ADNEXA, absent=CYST),
    Case("no evidence of", "No evidence of a mass in the pancreatic head.", organ("Pancreas"), absent=MASS),
    Case("no sonographic evidence of", "No sonographic evidence of abscess formation.", absent=FLUID),
    Case("no sign of", "No sign of a subcapsular haematoma of the spleen.", organ("Spleen"), absent=FLUID),
    Case("no visible", "There is no visible calcification.", absent=CALCIFIED),
    Case("not a single", "Not a single nodule was found.", absent=NODULE),
    Case("nil", "Nil collection.", absent=FLUID),
    Case("without", "Spleen without focal mass.", organ("Spleen"), absent=MASS),
    Case("without evidence of", "Left breast without evidence of a mass or cyst.", BREAST, absent=dx("mass", "cyst")),
    Case("absence of", "Absence of septa throughout.", absent=SEPTATE),
    Case("negative for: organ kept", "Appendix: negative for appendicitis.", organ("Appendix")),
    Case("negative for", "The scan is negative for hydrocele and testicular mass.",
         absent=dx("fluid collection", "mass")),
    Case("free of: organ kept", "The gallbladder is free of stones.", GALLBLADDER),
    Case("free of", "Both pleural spaces are free of effusion.", absent=FLUID),
    Case("devoid of", "The cyst is devoid of septations.", CYST, absent=SEPTATE),
    Case("lacks", "The cyst lacks solid areas.", CYST, absent=SOLID),
    Case("fails to demonstrate", "The targeted scan fails to demonstrate a mass.", absent=MASS),
    Case("does not show", "The study does not show any pericardial effusion.", absent=FLUID),
    Case("did not reveal", "Ultrasound of the neck did not reveal a cyst.", absent=CYST),
    Case("rules out", "This examination rules out a drainable collection.", absent=FLUID),
    Case("excludes", "Today's scan excludes a pelvic abscess.", absent=FLUID),
    Case("neither nor: things", "Neither a mass nor a cyst is identified in the spleen.", absent=dx("mass", "cyst")),
    Case("neither nor: attributes", "The nodule has neither calcification nor septation.", NODULE,
         absent=inside("calcifications", "septations")),
    Case("no nor", "No cyst nor nodule is present.", absent=dx("cyst", "nodule")),
    Case("denies", "The patient denies any breast mass.", dx(), absent=None),
    Case("rather than", "Pseudocyst rather than abscess.", CYST, absent=FLUID),
    Case("instead of", "The swelling is a lipoma instead of a cyst.", MASS, absent=CYST),
    Case("no longer: before", "There is no longer any free fluid.", absent=FLUID),
    Case("no residual", "No residual abscess.", absent=FLUID),
    Case("no recurrent", "No recurrent mass in the thyroid bed.", absent=MASS),
)

LISTS = (
    Case("list: commas and or", "No mass, cyst or collection is seen in the left breast.", BREAST,
         absent=dx("mass", "cyst", "fluid collection")),
    Case("list: commas alone", "No nodules, cysts, calcifications.",
         absent={**dx("nodule", "cyst"), **CALCIFIED}),
    Case("list: Oxford comma", "There is no ascites, hepatic mass, or biliary dilatation.",
         absent=dx("fluid collection", "mass")),
    Case("list: repeated no", "Scrotum: no mass, no hydrocele, no varicocele.", SCROTUM,
         absent=dx("mass", "fluid collection")),
    Case("list: slash", "No cyst/mass.", absent=dx("cyst", "mass")),
    Case("list: and", "No calcification and no shadowing.", absent={**CALCIFIED, **SHADOW}),
    Case("list: or, attributes", "No septation or mural nodule.", absent=inside("septations", "solid components")),
    Case("list: long", "No stones, wall thickening, polyps, sludge or pericholecystic collection.",
         absent=dx("mass", "fluid collection")),
    Case("list: mixed dimensions", "No mass, suspicious calcification or posterior shadowing.",
         absent={**MASS, **CALCIFIED, **SHADOW}),
    Case("list: evidence of, three items", "No evidence of thrombus, pseudoaneurysm or haematoma.", absent=FLUID),
    Case("list: without, or", "Simple cyst without septations, calcification or solid component.", CYST,
         absent=inside("septations", "calcifications", "solid components")),
    Case("list: denied first, affirmed next sentence", "No hydrocele. Epididymal cyst of 4 mm.", CYST, absent=FLUID),
    Case("list: semicolon ends it", "No pelvic collection; left ovarian cyst of 3 cm.", CYST, absent=FLUID),
    Case("list: not seen, both", "Nodules or cysts were not seen.", absent=dx("nodule", "cyst")),
    Case("list: intra- or extra-", "No intra- or extrahepatic mass.", absent=MASS),
    Case("list: new lines", "LIVER: Hypoechoic mass in segment VII.\nSPLEEN: No mass.\n", MASS),
    Case("list: headings stop it", "No free fluid\nLeft ovary: 22 mm cyst.", CYST, absent=FLUID),
)

CONTRAST = (
    Case("without and with", "Hypoechoic nodule without calcification and with posterior enhancement.",
         {**NODULE, **ENHANCED}, absent=CALCIFIED),
    Case("with and without", "Cyst with septations and without solid components.", SEPTATE, absent=SOLID),
    Case("with but without", "Mass with coarse calcification but without shadowing.", CALCIFIED, absent=SHADOW),
    Case("no but", "No calcification but posterior shadowing is present.", SHADOW, absent=CALCIFIED),
    Case("no but there is", "There is no solid mass, but a cyst is present in segment VI.", CYST, absent=MASS),
    Case("no but, noun alone", "No free fluid but a 3 cm endometrioma.", CYST, absent=FLUID),
    Case("no, however", "No ascites; however, a small pleural effusion is noted on the right.", FLUID),
    Case("no although", "No nodule, although the lobe contains a 3 mm cyst.", CYST, absent=NODULE),
    Case("no except", "No nodules except a 5 mm cyst in the isthmus.", CYST, absent=NODULE),
    Case("no apart from", "No masses apart from a cyst in the upper pole.", CYST, absent=MASS),
    Case("no other than", "No collection other than a thin hydrocele.", FLUID),
    Case("yet", "The lesion is hypoechoic, yet not calcified.", echo("hypoechoic"), absent=CALCIFIED),
    Case("while", "No mass on the right, while a cyst is seen on the left.", CYST, absent=MASS),
    Case("which", "No nodule in the lobe, which contains a cyst.", CYST, absent=NODULE),
    Case("affirmed here, denied there", "No cyst in the right ovary. Cyst in the left ovary.", CYST),
    Case("affirmed here, denied there: but", "A nodule is seen on the right but no nodule on the left.", NODULE),
    Case("denied then described", "No shadowing is seen behind the hyperechoic nodule.",
         {**NODULE, **echo("hyperechoic")}, absent=SHADOW),
    Case("subject before a denied attribute", "The oval mass shows no calcification.", {**MASS, **shape("oval")},
         absent=CALCIFIED),
)

ATTRIBUTES = (
    Case("attribute: cyst without septations", "A cyst without septations.", CYST, absent=SEPTATE),
    Case("attribute: no internal septa", "Cyst, no internal septa.", CYST, absent=SEPTATE),
    Case("attribute: without shadowing", "Echogenic focus without posterior acoustic shadowing.", echo("hyperechoic"),
         absent=SHADOW),
    Case("attribute: no enhancement", "Round mass with no posterior enhancement.", {**MASS, **shape("round")},
         absent=ENHANCED),
    Case("attribute: does not contain", "The nodule does not contain calcifications.", NODULE, absent=CALCIFIED),
    Case("attribute: is not calcified", "The mass is not calcified.", MASS, absent=CALCIFIED),
    Case("attribute: not septated", "Fluid collection, not septated.", FLUID, absent=SEPTATE),
    Case("attribute: nor is it", "The collection is not loculated, nor is it calcified.", FLUID,
         absent=inside("septations", "calcifications")),
    Case("attribute: brackets", "Cyst (no solid component) in the left lobe.", CYST, absent=SOLID),
    Case("attribute: measured in between", "Nodule, 12 x 8 mm, without calcification.", NODULE, absent=CALCIFIED),
    Case("attribute: no shadow", "Polyp of 5 mm, no acoustic shadow.", MASS, absent=SHADOW),
    Case("attribute: increased flow denied", "No increased vascularity.", absent=flow("increased vascularity")),
)

FLOW = (
    Case("flow: no internal flow", "Cyst with no internal flow.", {**CYST, **NO_FLOW}),
    Case("flow: no flow", "No flow in the left testis on colour Doppler.", NO_FLOW),
    Case("flow: absent before", "Absent flow in the femoral vein.", NO_FLOW),
    Case("flow: is absent", "Internal vascularity is absent.", NO_FLOW),
    Case("flow: without", "Hypoechoic nodule without internal vascularity.", {**NODULE, **NO_FLOW}),
    Case("flow: no Doppler signal", "No Doppler signal within the lesion.", NO_FLOW),
    Case("flow: no demonstrable", "No demonstrable colour flow.", NO_FLOW),
    Case("flow: not detected", "Blood flow was not detected inside the mass.", {**MASS, **NO_FLOW}),
    Case("flow: did not show", "Power Doppler did not show any flow in the collection.", {**FLUID, **NO_FLOW}),
    Case("flow: lack of", "Lack of flow in the torted testis.", NO_FLOW),
    Case("flow: loss of", "Loss of flow signal in the aneurysm.", NO_FLOW),
    Case("flow: devoid of", "The thrombosed segment is devoid of flow.", NO_FLOW),
    Case("flow: avascular", "Avascular mass in the bladder lumen.", {**MASS, **NO_FLOW}),
    Case("flow: non-vascular", "Non-vascular echogenic material in the endometrial cavity.", NO_FLOW),
    Case("flow: no calcification or flow", "Cyst without calcification or internal flow.", {**CYST, **NO_FLOW},
         absent=CALCIFIED),
    Case("flow: no flow, mass stays", "The mass shows no vascularity and no shadowing.", {**MASS, **NO_FLOW},
         absent=SHADOW),
    Case("flow: one part without, one with", "No central flow; peripheral vascularity is present.",
         flow("no vascularity", "indeterminate/inhomogeneous vascularity")),
)

DENIED_AFTER = (
    Case("not seen", "Ascites is not seen.", absent=FLUID),
    Case("was not identified", "A renal mass was not identified.", KIDNEY, absent=MASS),
    Case("not visualised", "Pericardial effusion not visualised.", absent=FLUID),
    Case("is absent", "Septations are absent.", absent=SEPTATE),
    Case("could not be found", "A mass could not be found.", absent=MASS),
    Case("colon none", "Ascites: none.", absent=FLUID),
    Case("colon absent", "Pleural effusion: absent.", absent=FLUID),
    Case("colon no", "Hydrocele: no.", absent=FLUID),
    Case("ruled out", "An abscess has been ruled out.", absent=FLUID),
    Case("was excluded", "A deep collection was excluded.", absent=FLUID),
    Case("unlikely: after", "An abscess is unlikely.", absent=FLUID),
    Case("unlikely: before", "Unlikely to be an abscess.", absent=FLUID),
    Case("no longer visualised", "The ovarian cyst is no longer visualised.", ADNEXA, absent=CYST),
    Case("previously seen, no longer", "The previously described nodule is no longer identified.", absent=NODULE),
    Case("has resolved", "The subhepatic collection has resolved.", absent=FLUID),
    Case("have completely resolved", "Both haematomas have completely resolved.", absent=FLUID),
    Case("interval resolution of", "Interval resolution of the pleural effusion.", absent=FLUID),
    Case("complete resolution: organ kept", "Complete resolution of the left popliteal vein thrombosis.",
         organ("Peripheral veins")),
    Case("disappearance of", "Disappearance of the seroma.", absent=FLUID),
    Case("has disappeared", "The cyst has disappeared.", absent=CYST),
    Case("not observed: attribute", "Posterior shadowing was not observed behind the mass.", MASS, absent=SHADOW),
    Case("not demonstrated: list", "Calcification and septation are not demonstrated.",
         absent=inside("calcifications", "septations")),
)

PREFIXED = (
    Case("non-: shadowing", "Non-shadowing echogenic focus in the gallbladder.", echo("hyperechoic"), absent=SHADOW),
    Case("non: joined", "A nonshadowing polyp of 4 mm.", MASS, absent=SHADOW),
    Case("non-: calcified", "Non-calcified nodule in the isthmus.", NODULE, absent=CALCIFIED),
    Case("non: apart", "Non calcified hypoechoic nodule.", {**NODULE, **echo("hypoechoic")}, absent=CALCIFIED),
    Case("non-: septated", "Non-septated pleural effusion.", FLUID, absent=SEPTATE),
    Case("non-: loculated", "Non-loculated ascites.", FLUID, absent=SEPTATE),
    Case("non-: reaches one word only", "Non-shadowing calcification.", CALCIFIED, absent=SHADOW),
    Case("non-: no negation in non-specific", "Non-specific hypoechoic nodule.", {**NODULE, **echo("hypoechoic")}),
    Case("non-: no negation in non-tender", "Non-tender cyst in the upper outer quadrant.", CYST),
    Case("non-: no negation in non-obstructing", "Non-obstructing echogenic calculus in the lower pole.",
         echo("hyperechoic")),
    Case("non-: no negation in non-compressible", "Non-compressible tubular structure in the right iliac fossa.",
         shape("tubular/linear")),
    Case("non-: non-homogeneous is an attribute", "Non-homogeneous mass of the left breast.",
         {**MASS, **echo("mixed echogenicity")}),
)

PSEUDO_NEGATION = (
    Case("no change in", "No change in the nodule since the last study.", NODULE),
    Case("no significant change in size of", "No significant change in size of the hepatic cyst.", CYST),
    Case("no interval growth", "No interval growth of the mass.", MASS),
    Case("no increase in the size", "No increase in the size of the effusion.", FLUID),
    Case("without change", "Thyroid nodule, without change from prior.", NODULE),
    Case("without significant interval change", "Stable cyst without significant interval change.", CYST),
    Case("has not changed", "The calcified nodule has not changed.", {**NODULE, **CALCIFIED}),
    Case("not only", "Not only a cyst but also a mass is present.", dx("cyst", "mass")),
    Case("no fewer than", "No fewer than three nodules in the left lobe.", NODULE),
    Case("not completely seen", "The mass is not completely seen because of bowel gas.", MASS),
    Case("not fully evaluated", "Large cyst, not fully evaluated.", CYST),
    Case("has not resolved", "The collection has not resolved.", FLUID),
    Case("not compressible", "The nodule is not compressible.", NODULE),
    Case("does not move", "The mass does not move with swallowing.", MASS),
    Case("no new beside known", "No new nodule; the known 8 mm nodule is stable.", NODULE),
    Case("no doubt", "There is no doubt about the cyst.", CYST),
    Case("no tenderness over", "There was no tenderness over the mass.", MASS),
    Case("no communication", "No communication between the cyst and the joint.", CYST),
    Case("inseparable", "The mass is inseparable from the ovary.", MASS),
    Case("unchanged", "Septated cyst, unchanged.", {**CYST, **SEPTATE}),
)

DOUBLE_NEGATION = (
    Case("cannot exclude", "Cannot exclude a small abscess.", possible=FLUID),
    Case("cannot be excluded", "A mass cannot be excluded.", possible=MASS),
    Case("could not be ruled out", "Haematoma could not be ruled out.", possible=FLUID),
    Case("not excluded", "An underlying mass is not excluded.", possible=MASS),
    Case("does not exclude", "This does not exclude a small nodule.", possible=NODULE),
    Case("unable to exclude", "Unable to exclude a collection deep to the mesh.", possible=FLUID),
    Case("not without", "The cyst is not without septations.", {**CYST, **SEPTATE}),
    Case("denied and not excluded", "No cyst; a mass cannot be excluded.", possible=MASS, absent=CYST),
)

HEDGED = (
    Case("suggestive of", "Findings are suggestive of a haemangioma.", possible=MASS),
    Case("suggesting", "Echo-free area suggesting a cyst.", echo("anechoic"), possible=CYST),
    Case("possible", "Possible abscess in the right iliac fossa.", possible=FLUID),
    Case("possible: predicate", "A small cyst is possible.", possible=CYST),
    Case("possibly", "Hypoechoic area, possibly a haematoma.", echo("hypoechoic"), possible=FLUID),
    Case("question mark joined", "Anechoic lesion in the left lobe, ?cyst.", possible=CYST),
    Case("question mark apart", "? ovarian cyst", possible=CYST),
    Case("query", "Query collection posterior to the caecum.", possible=FLUID),
    Case("likely", "Likely lipoma.", possible=MASS),
    Case("likely: after", "An abscess is likely.", possible=FLUID),
    Case("most likely", "Most likely a cyst.", possible=CYST),
    Case("probable", "Probable fibroadenoma.", possible=MASS),
    Case("probably", "Probably a small seroma.", possible=FLUID),
    Case("presumed", "Presumed haemangioma in segment IV.", possible=MASS),
    Case("perhaps", "Perhaps a tiny cyst.", possible=CYST),
    Case("may represent", "This may represent a seroma.", possible=FLUID),
    Case("might reflect", "Appearances might reflect a haematoma.", possible=FLUID),
    Case("could be", "The lesion could be a lipoma.", possible=MASS),
    Case("could represent", "Foci that could represent calcifications.", possible=CALCIFIED),
    Case("compatible with", "Anechoic lesion compatible with a cyst.", echo("anechoic"), possible=CYST),
    Case("consistent with", "Findings consistent with an abscess.", possible=FLUID),
    Case("in keeping with", "In keeping with a fibroid.", possible=MASS),
    Case("indicative of", "Features indicative of a teratoma.", possible=MASS),
    Case("differential includes", "The differential includes lymphoma, metastasis and abscess.",
         possible=dx("mass", "fluid collection")),
    Case("differential heading", "Differential diagnosis: haematoma, seroma.", possible=FLUID),
    Case("versus", "Abscess versus haematoma.", possible=FLUID),
    Case("is suspected", "A mass in the tail is suspected.", possible=MASS),
    Case("suspected", "Suspected urinoma.", possible=FLUID),
    Case("suspicious for", "Suspicious for carcinoma.", possible=MASS),
    Case("concerning for", "Multiple lesions concerning for metastases.", possible=MASS),
    Case("worrisome for", "Appearance worrisome for lymphoma.", possible=MASS),
    Case("raises the possibility of", "This raises the possibility of an endometrioma.", possible=CYST),
    Case("favoured to be", "Favoured to be a haemorrhagic cyst.", possible=CYST),
    Case("thought to be", "Thought to be a ganglion.", possible=CYST),
    Case("appears to represent", "This appears to represent a seroma.", possible=FLUID),
    Case("questionable", "Questionable septation.", possible=SEPTATE),
    Case("equivocal", "Equivocal posterior shadowing.", possible=SHADOW),
    Case("uncertain whether", "Uncertain whether calcification is present.", possible=CALCIFIED),
    Case("hedge in brackets", "Hypoechoic area (likely haematoma).", echo("hypoechoic"), possible=FLUID),
    Case("list under one hedge", "Possible abscess, haematoma or cyst.", possible=dx("fluid collection", "cyst")),
    Case("hedged attribute", "Mass with possible calcification.", MASS, possible=CALCIFIED),
    Case("hedged margins", "Mass with probably ill-defined margins.", MASS, possible=margins("ill-defined/indistinct")),
    Case("hedged flow", "Questionable internal vascularity.", possible=SOME_FLOW),
    Case("named, then hedged", "Hypoechoic mass, likely a fibroadenoma.", MASS),
    Case("nodule seen, cyst guessed", "Well-defined nodule, possibly a cyst.", {**NODULE, **margins("well-defined")},
         possible=CYST),
    Case("hedged twice", "Possible cyst. This may represent a simple cyst.", possible=CYST),
    Case("hedged, then seen", "Possible cyst on the first pass. The cyst was confirmed on decubitus views.", CYST),
    Case("denied then hedged", "No cyst. Possible nodule.", possible=NODULE, absent=CYST),
    Case("hedge ends at but", "Possible nodule on the left but a definite cyst on the right.", CYST, possible=NODULE),
    Case("hedge ends at the sentence", "Likely haemangioma. Cyst in segment II.", CYST, possible=MASS),
    Case("hedge before seen attributes", "Likely fibroadenoma; oval and hypoechoic.",
         {**shape("oval"), **echo("hypoechoic")}, possible=MASS),
)

HEDGE_TRAPS = (
    Case("may be followed", "The cyst may be followed in six months.", CYST),
    Case("could be aspirated", "The collection could be aspirated if symptoms persist.", FLUID),
    Case("seen: appears", "The cyst appears anechoic.", {**CYST, **echo("anechoic")}),
    Case("seen: normal appearing", "The pancreas appears normal.", NORMAL),
    Case("suspicious as an adjective", "A suspicious mass in the right breast.", MASS),
    Case("possibly malignant", "Solid mass, possibly malignant.", MASS),
    Case("apparent", "A cyst is readily apparent.", CYST),
)

COMPARED = (
    Case("to the spleen", "The lesion is isoechoic to the spleen.", {**echo("isoechoic"), **organ()}),
    Case("than the liver", "The renal cortex is more echogenic than the liver.", {**echo("hyperechoic"), **KIDNEY}),
    Case("relative to", "Parathyroid adenoma, hypoechoic relative to the thyroid gland.",
         {**echo("hypoechoic"), **organ("Parathyroid glands")}),
    Case("compared with", "The pancreas is hyperechoic compared with the liver.",
         {**echo("hyperechoic"), **organ("Pancreas")}),
    Case("same echogenicity as", "A breast mass of the same echogenicity as subcutaneous fat.",
         {**echo("isoechoic"), **BREAST}),
    Case("with respect to", "Splenic nodule, hypoechoic with respect to the left kidney.", organ("Spleen")),
    Case("similar to that of", "Thyroid nodule with a texture similar to that of the parotid gland.", THYROID),
    Case("brighter than", "Liver parenchyma brighter than the right kidney.", LIVER),
)

HISTORY = (
    Case("history of", "History of breast cancer.", dx()),
    Case("family history", "Family history of ovarian carcinoma. Both ovaries are normal.", NORMAL),
    Case("status post", "Status post excision of a lipoma. No collection.", absent=FLUID),
    Case("s/p", "S/p drainage of an abscess. Small cyst in segment V.", CYST),
    Case("previous", "Previous resection of a sarcoma.", dx()),
    Case("known, in the indication", "INDICATION: Known thyroid nodule.\nFINDINGS: Both lobes are normal.", NORMAL),
    Case("clinical history", "CLINICAL HISTORY: Palpable mass, rule out abscess.\nFINDINGS: Anechoic cyst of 2 cm.",
         {**CYST, **echo("anechoic")}, absent=None),
    Case("comparison section", "COMPARISON: CT showed a renal mass.\nFINDINGS: 14 mm cyst of the left kidney.", CYST),
    Case("another modality", "The mass described on MRI is not seen.", dx(), absent=None),
    Case("patient with", "Thyroid ultrasound in a patient with lung cancer shows a cyst.", {**CYST, **THYROID}),
    Case("known and still seen", "Known hepatic haemangioma, unchanged at 22 mm.", {**MASS, **LIVER}),
)

LANDMARKS = (
    Case("anterior to", "An 18 mm cyst lies anterior to the bladder.", {**CYST, **organ()}),
    Case("posterior to", "Ovarian cyst posterior to the uterus.", ADNEXA),
    Case("medial to", "Thyroid nodule medial to the carotid artery.", THYROID),
    Case("adjacent to", "Hypoechoic lesion of the pancreas adjacent to the splenic vein.", organ("Pancreas")),
    Case("near", "Hepatic cyst near the gallbladder.", LIVER),
    Case("lateral to", "Cervical lymph node lateral to the jugular vein.", organ("Lymph nodes")),
    Case("beneath", "Breast mass 2 cm beneath the skin.", BREAST),
    Case("not a landmark: within", "Cyst within the spleen.", organ("Spleen")),
)

INSTRUMENTS = (
    Case("needle tip", "The echogenic needle tip lies within the mass.", {**MASS, **echo()}),
    Case("catheter", "A hyperechoic linear catheter is seen in the collection.", {**FLUID, **echo(), **shape()}),
    Case("stent", "The echogenic stent casts a shadow in the common bile duct.",
         {**GALLBLADDER, **echo(), **behind()}),
    Case("balloon", "The round anechoic balloon of the Foley catheter lies in the bladder.",
         {**organ("Bladder"), **shape(), **echo()}),
    Case("guide wire", "Guide wire as an echogenic line in the femoral vein.", {**organ("Peripheral veins"), **echo()}),
    Case("instrument and lesion", "Hypoechoic nodule with the echogenic biopsy needle in place.",
         {**NODULE, **echo("hypoechoic")}),
)

LEGENDS = (
    Case("letter, comma", "Anechoic cyst (arrow). L, liver; K, kidney.", {**CYST, **organ()}),
    Case("arrow, colon", "Hypoechoic mass in the spleen. Arrow: aorta.", organ("Spleen")),
    Case("equals sign", "Stones with shadowing in the renal pelvis. GB = gallbladder.", {**KIDNEY, **SHADOW}),
    Case("legend in brackets", "Thyroid nodule (CCA, common carotid artery; IJV, internal jugular vein).", THYROID),
    Case("lesion in a legend", "The uterus in long axis. M, mass.", {**organ("Uterus"), **dx()}),
)

NORMALITY = (
    Case("normal: predicate", "The liver is normal in size and echotexture.", {**NORMAL, **LIVER}),
    Case("normal: unremarkable", "The pancreas is unremarkable.", NORMAL),
    Case("normal: heading", "SPLEEN: Normal.", {**NORMAL, **organ("Spleen")}),
    Case("normal: within limits", "Both testes are within normal limits.", {**NORMAL, **SCROTUM}),
    Case("normal: attributive and examined", "Normal appearance of the uterus.", {**NORMAL, **organ("Uterus")}),
    Case("normal: preserved echotexture", "Thyroid gland with preserved echotexture.", NORMAL),
    Case("normal: and no lesion", "The breast tissue is normal, with no mass.", NORMAL, absent=MASS),
    Case("normal beside abnormal", "Right ovary normal. Left ovary contains a cyst.", dx("normal appearance", "cyst")),
    Case("trap: not normal", "The left ovary is not normal.", absent=NORMAL),
    Case("trap: abnormal", "Abnormal echotexture of the thyroid.", dx()),
    Case("trap: saline", "The cavity was distended with normal saline.", dx()),
    Case("trap: parenchyma around it", "Mass, distinct from the normal parenchyma around it.", MASS),
    Case("trap: upper limit", "The spleen is at the upper limit of normal.", dx()),
    Case("trap: mobility", "Normal mobility of the vocal cords.", dx()),
    Case("trap: function", "Normal systolic function of the left ventricle.", dx()),
    Case("trap: flow", "Normal flow in the portal vein.", {**dx(), **flow("normal/regular vascularity")}),
    Case("trap: intact", "The Achilles tendon is intact.", dx()),
    Case("trap: larger than normal", "The kidney is larger than normal.", dx()),
)

CASES: tuple[Case, ...] = (
    *DENIED_BEFORE, *LISTS, *CONTRAST, *ATTRIBUTES, *FLOW, *DENIED_AFTER, *PREFIXED, *PSEUDO_NEGATION, *DOUBLE_NEGATION,
    *HEDGED, *HEDGE_TRAPS, *COMPARED, *HISTORY, *LANDMARKS, *INSTRUMENTS, *LEGENDS, *NORMALITY,
)
